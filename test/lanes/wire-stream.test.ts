// The wire lane on documented interfaces of Node alone, which serves where the faster one is missing: the same tests again.
import './wire-stream.ts'
import '../raw-http.test.ts'
import '../proxy.test.ts'
import '../bodies.test.ts'
import '../forward.test.ts'
