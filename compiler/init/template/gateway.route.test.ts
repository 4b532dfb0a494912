import { expectRequest } from 'gwc/test'

// `gwc test` sends these through the gateway; the services behind it only pretend.
expectRequest('GET http://localhost:8080/users/7?full=1').toReach('GET /users/:id').withPolicies('rate-limit').toForward('GET /api/users/7?full=1')

// Everything else goes to the app as it is.
expectRequest('POST http://localhost:8080/users/7', { body: { name: 'Ada' } }).onUpstream('app').toForward('POST /users/7')
