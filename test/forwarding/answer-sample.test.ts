import t from 'tap'
import { AnswerSample } from '../../src/forwarding/answer-sample.ts'

t.test('a short answer is kept whole, also when it came in pieces', async t => {
  const sample = new AnswerSample()
  sample.add(Buffer.from('{"a":'))
  sample.add(Buffer.from('"é"}').subarray(0, 2))
  sample.add(Buffer.from('"é"}').subarray(2))
  t.equal(sample.text(), '{"a":"é"}')
})

t.test('an answer of 4096 octets is kept, one octet more is not, nor anything after it', async t => {
  const sample = new AnswerSample()
  sample.add(Buffer.alloc(4096, 'x'))
  t.equal(sample.text().length, 4096)
  sample.add(Buffer.from('y'))
  t.equal(sample.text(), '')
  sample.add(Buffer.from('z'))
  t.equal(sample.text(), '')
})
