import { format, parse } from './WindowPicker';

test.each([
  ['', undefined],
  ['30d', { rolling: '30d' }],
  ['month:0', { calendar: 'month' }],
  ['month', { calendar: 'month' }],
  ['quarter:-3', { calendar: 'quarter', offset: -3 }],
  ['$window', { rolling: '$window' }],
  ['month:$offset', { rolling: 'month:$offset' }],
  ['month:last', { rolling: 'month:last' }],
  ['rubbish', { rolling: 'rubbish' }],
])('%j is the window %j', (text, window) => {
  expect(parse(text)).toEqual(window);
});

test.each(['', '30d', 'month:0', 'quarter:-3', '$window'])('%j comes back as it was', (text) => {
  expect(format(parse(text))).toBe(text);
});
