import type { FastifyInstance } from 'fastify'
import { largestHook } from '../sources/webhook.ts'
import type { WebhookGate } from '../sources/webhook.ts'

/** `POST /-/hooks/git`: answers at once, and lets the source look when the sender knows the secret. */
export function addHookRoute (app: FastifyInstance, gate: WebhookGate, accepted: () => void): void {
  void app.register(async (scope) => {
    // The signature is over the raw bytes, whatever they claim to be.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: largestHook }, (_request, body, done) => { done(null, body) })
    scope.post('/-/hooks/git', { bodyLimit: largestHook }, async (request, reply) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      const { status, reason } = gate.admit(request.headers, body)
      if (status === 202) accepted()
      return reply.code(status).send({ status, reason })
    })
  })
}
