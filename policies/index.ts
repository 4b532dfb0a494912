export { apiKey } from './api-key/index.ts'
export { headers } from './headers/index.ts'
export { rateLimit } from './rate-limit/index.ts'
