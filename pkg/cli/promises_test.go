package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// promised are four agreements, of which api rests on the others.
const promised = `apiVersion: openslo/v1
kind: Service
metadata: {name: shop}
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: up}
spec:
  service: shop
  indicator:
    metadata: {name: up-sli}
    spec: {thresholdMetric: {metricSource: {type: Prometheus, spec: {query: 'min(up)'}}}}
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{displayName: up, target: 0.999, op: gte, value: 1}]
---
- {apiVersion: accord/v1, kind: Team, metadata: {name: platform}}
- {apiVersion: accord/v1, kind: Team, metadata: {name: payments}}
- {apiVersion: accord/v1, kind: Team, metadata: {name: checkout}}
- {apiVersion: accord/v1, kind: Agreement, metadata: {name: database}, spec: {service: shop, provider: platform, consumers: [payments], objectives: [{name: up, slo: up}]}}
- {apiVersion: accord/v1, kind: Agreement, metadata: {name: mail-a}, spec: {service: shop, provider: platform, consumers: [payments], objectives: [{name: up, slo: up, target: 0.98}]}}
- {apiVersion: accord/v1, kind: Agreement, metadata: {name: mail-b}, spec: {service: shop, provider: platform, consumers: [payments], objectives: [{name: up, slo: up, target: 0.95, window: {calendar: month}}]}}
- {apiVersion: accord/v1, kind: Agreement, metadata: {name: mail-c}, spec: {service: shop, provider: platform, consumers: [payments], stage: draft, objectives: [{name: up, slo: up}]}}
- {apiVersion: accord/v1, kind: Agreement, metadata: {name: letters}, spec: {service: shop, provider: payments, consumers: [checkout], objectives: [{name: up, slo: up}], dependsOn: [{agreement: mail-c}]}}
- apiVersion: accord/v1
  kind: Agreement
  metadata: {name: api}
  spec:
    service: shop
    provider: payments
    consumers: [checkout]
    objectives: [{name: up, slo: up}, {name: usable, slo: up, target: 0.99}]
    dependsOn:
      - {agreement: database}
      - anyOf: [{agreement: mail-a, objective: up}, {agreement: mail-b}]
`

func TestWhatPromisesPrints(t *testing.T) {
	definitions := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(definitions, "slas.yaml"), []byte(promised), 0o600))
	for name, args := range map[string][]string{
		"promises.txt": {"promises"}, "promises.json": {"promises", "--agreement", "api", "--objective", "up", "-o", "json"}, "promises.csv": {"promises", "-o", "csv"},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t.Context(), append(args, "--definitions", definitions)...)
			assert.Equal(t, 1, got.code, "api promises too much")
			matchesGolden(t, name, got)
		})
	}
	got := run(t.Context(), "promises", "--definitions", definitions, "--agreement", "letters")
	assert.Zero(t, got.code, "what nobody can tell is no failure")
	got = run(t.Context(), "promises", "--definitions", definitions, "--agreement", "database")
	assert.Contains(t, got.out, "No agreement here depends on another")

	broken := strings.Replace(promised, "metadata: {name: database}, spec: {", "metadata: {name: database}, spec: {mistyped: 1, ", 1)
	require.NoError(t, os.WriteFile(filepath.Join(definitions, "slas.yaml"), []byte(broken), 0o600))
	got = run(t.Context(), "promises", "--definitions", definitions, "--agreement", "api", "--objective", "usable")
	assert.Equal(t, 1, got.code, "what it rests on is left out")
	assert.Contains(t, got.out, "database is not served, its document has errors")
	assert.Zero(t, run(t.Context(), "promises", "--definitions", definitions, "--agreement", "letters", "--allow-problems").code)
}
