import t from 'tap'
import { testHostile } from '../fixtures/hostile-exchange.ts'
import { hostilePipelines } from '../fixtures/hostile-pipelines.ts'

testHostile(t, hostilePipelines)
