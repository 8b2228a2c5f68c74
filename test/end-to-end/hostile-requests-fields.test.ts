import t from 'tap'
import { testHostile } from '../fixtures/hostile-exchange.ts'
import { hostileFields } from '../fixtures/hostile-fields.ts'

testHostile(t, hostileFields)
