import t from 'tap'
import { testHostile } from '../fixtures/hostile-exchange.ts'
import { hostileRiders } from '../fixtures/hostile-riders.ts'

testHostile(t, hostileRiders)
