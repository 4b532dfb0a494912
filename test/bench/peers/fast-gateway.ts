import gateway from 'fast-gateway'

// A Node gateway as a peer: `node fast-gateway.js PORT UPSTREAM_PORT`.
const [port, upstream] = process.argv.slice(2)
const server = gateway({ routes: [{ prefix: '', target: `http://127.0.0.1:${upstream}` }] })
await server.start(Number(port), '127.0.0.1')
