import { filtersAsText, isKnown, isLinked, migrate, migrateAnnotation } from './migrate';
import { type Query } from './types';

test('a query without a version is of version 1, and nothing of it is lost', () => {
  expect(migrate({ refId: 'A', queryType: 'budget', objectives: ['latency'] })).toEqual({
    refId: 'A',
    queryType: 'budget',
    objectives: ['latency'],
    schemaVersion: 1,
  });
});

test('a query without a type asks for the status', () => {
  expect(migrate({ refId: 'A' }).queryType).toBe('status');
  expect(migrate({ refId: 'A', queryType: '' as Query['queryType'] }).queryType).toBe('status');
});

test('a single name becomes a list', () => {
  expect(migrate({ refId: 'A', agreements: 'a' as unknown as string[] }).agreements).toEqual(['a']);
});

test('filters that came by a link as text are filters', () => {
  const linked = { refId: 'A', queryType: 'alert' as const, expression: filtersAsText({ agreements: ['a'] }) };
  expect(isLinked(linked)).toBe(true);
  expect(migrate(linked)).toEqual({ refId: 'A', queryType: 'alert', agreements: ['a'], schemaVersion: 1 });
  expect(isLinked(migrate(linked))).toBe(false);
});

test('a query of a newer version stays as it is, for the backend to explain', () => {
  const newer = { refId: 'A', queryType: 'forecast', schemaVersion: 2, horizon: '30d' } as unknown as Query;
  expect(migrate(newer)).toEqual(newer);
  expect(isKnown(migrate(newer))).toBe(false);
});

test('an annotation asks for incidents unless it was saved with something else', () => {
  const annotation = { name: 'Incidents', enable: true, iconColor: 'red' };
  expect(migrateAnnotation(annotation).target).toMatchObject({ queryType: 'incidents', schemaVersion: 1 });
  const target = { refId: 'X', queryType: 'incidents', schemaVersion: 1, providers: ['payments'] } as Query;
  expect(migrateAnnotation({ ...annotation, target }).target).toEqual(target);
});

test('an annotation that needs no change is the same object, so that settings do not ask for ever', () => {
  const migrated = migrateAnnotation({ name: 'Incidents', enable: true, iconColor: 'red' });
  expect(migrateAnnotation(migrated)).toBe(migrated);
});
