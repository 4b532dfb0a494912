import { defineGateway, env, http, route, upstream } from 'gwc'
import { rateLimit } from 'gwc/policies'

// A service behind the gateway: put your own here, or set APP_URL.
const app = upstream('app', { targets: [env('APP_URL', 'http://127.0.0.1:3000')] })

export default defineGateway({
  listeners: { public: http({ port: env.number('PORT', 8080) }) },

  // The most specific route wins; their order does not matter.
  routes: [
    route('GET /users/:id', { to: app, rewrite: '/api/users/{id}', policies: [rateLimit({ limit: 100, window: '1m' })] }),
    route('/*', { to: app })
  ]
})
