import test from 'ava'
import { configEnvironment } from './config-environment.ts'

const env = { PATH: '/bin', APP_URL: 'http://127.0.0.1', HOOK: 'shh', DATABASE_PASSWORD: 'x' }

test('a config from git reads all but the webhook secret, or what is allowed', (t) => {
  t.deepEqual(configEnvironment(env, undefined, 'HOOK'), { PATH: '/bin', APP_URL: 'http://127.0.0.1', DATABASE_PASSWORD: 'x' })
  t.deepEqual(configEnvironment(env, undefined, undefined), env)
  t.like(configEnvironment(env, ['APP_URL'], 'HOOK'), { PATH: '/bin', APP_URL: 'http://127.0.0.1', HOOK: undefined, DATABASE_PASSWORD: undefined })
})
