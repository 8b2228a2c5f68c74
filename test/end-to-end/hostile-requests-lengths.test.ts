import t from 'tap'
import { testHostile } from '../fixtures/hostile-exchange.ts'
import { hostileLengths } from '../fixtures/hostile-lengths.ts'

testHostile(t, hostileLengths)
