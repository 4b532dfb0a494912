/**
 * The request field by which a policy that authenticates tells the upstream who asks. From clients it is dropped on every route, for no upstream can tell by which
 * route a request came; from trusted proxies it is kept, as all that they say about clients.
 */
export const consumerField = 'x-consumer-id'
