import t from 'tap'
import { testHostile } from '../fixtures/hostile-exchange.ts'
import { hostileTargets } from '../fixtures/hostile-targets.ts'

testHostile(t, hostileTargets)
