import proxy from '@fastify/http-proxy'
import fastify from 'fastify'

// The usual Node stack as a peer: `node fastify-http-proxy.js PORT UPSTREAM_PORT`.
const [port, upstream] = process.argv.slice(2)
const server = fastify({ bodyLimit: 100 * 1024 * 1024 })
await server.register(proxy, { upstream: `http://127.0.0.1:${upstream}`, undici: { connections: 256, pipelining: 1 } })
await server.listen({ port: Number(port), host: '127.0.0.1' })
