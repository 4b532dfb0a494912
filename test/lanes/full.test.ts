// What holds for the wire lane holds for the full lane: the same tests again.
import './full.ts'
import '../raw-http.test.ts'
import '../proxy.test.ts'
import '../bodies.test.ts'
import '../forward.test.ts'
