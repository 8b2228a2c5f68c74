import t from 'tap'
import { testHostile } from '../fixtures/hostile-exchange.ts'
import { nearMisses } from '../fixtures/near-misses.ts'

testHostile(t, nearMisses)
