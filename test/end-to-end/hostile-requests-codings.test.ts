import t from 'tap'
import { hostileCodings } from '../fixtures/hostile-codings.ts'
import { testHostile } from '../fixtures/hostile-exchange.ts'

testHostile(t, hostileCodings)
