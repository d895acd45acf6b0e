package editing

import (
	"fmt"
	"strings"
	"testing"

	"github.com/accord-sla/accord/pkg/catalog"
)

// companyFiles are the documents of a company whose teams list members: anna and ben
// are parties of agreements, mallory is a member of a team without any.
var companyFiles = map[string]string{
	"teams.yaml": `apiVersion: accord/v1
kind: Team
metadata: {name: payments}
spec: {members: [anna]}
---
apiVersion: accord/v1
kind: Team
metadata: {name: checkout}
spec: {members: [Ben@example.org]}
---
apiVersion: accord/v1
kind: Team
metadata: {name: search}
spec: {}
---
apiVersion: accord/v1
kind: Team
metadata: {name: legal}
spec: {members: [lea]}
---
apiVersion: accord/v1
kind: Team
metadata: {name: strangers}
spec: {members: [mallory]}
---
apiVersion: accord/v1
kind: Team
metadata: {name: ops}
spec: {members: [otto], colour: red}
---
apiVersion: accord/v1
kind: Team
metadata: {name: night}
spec: {members: [nina], colour: red}
---
apiVersion: accord/v1
kind: Team
metadata: {name: hidden}
spec: {members: hanna}
`,
	"measured.yaml": `apiVersion: openslo/v1
kind: Service
metadata: {name: api}
spec: {}
---
apiVersion: openslo/v1
kind: DataSource
metadata: {name: metrics}
spec: {type: Prometheus, connectionDetails: {}}
---
apiVersion: openslo/v1
kind: SLI
metadata: {name: up}
spec:
  ratioMetric:
    counter: true
    good: {metricSource: {metricSourceRef: metrics, spec: {query: good_total}}}
    total: {metricSource: {metricSourceRef: metrics, spec: {query: all_total}}}
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: availability}
spec:
  service: api
  indicatorRef: up
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{displayName: up, target: 0.95}]
  alertPolicies: [{alertPolicyRef: page}]
---
apiVersion: openslo/v1
kind: AlertCondition
metadata: {name: fast}
spec:
  severity: page
  condition: {kind: burnrate, op: gte, threshold: 14, lookbackWindow: 1h, alertAfter: 5m}
---
apiVersion: openslo/v1
kind: AlertPolicy
metadata: {name: page}
spec:
  conditions: [{conditionRef: fast}]
  notificationTargets: [{kind: AlertNotificationTarget, metadata: {name: mail}, spec: {target: email}}]
---
apiVersion: accord/v1
kind: Calendar
metadata: {name: office}
spec: {weekly: [{days: [mon], from: "08:00", to: "18:00"}]}
`,
	"agreements.yaml": `apiVersion: accord/v1
kind: Agreement
metadata: {name: a}
spec:
  service: api
  provider: payments
  consumers: [checkout]
  effective: {from: 2026-01-01}
  supportHours: office
  objectives:
    - {name: up, slo: availability, revisions: [{from: 2026-06-01, target: 0.97, approvedBy: [checkout]}]}
  signatures: [{team: payments, name: Anna, on: 2026-01-01}]
---
apiVersion: accord/v1
kind: Agreement
metadata: {name: b}
spec: {service: api, provider: payments, consumers: [search], objectives: [{name: up, slo: availability}]}
---
apiVersion: accord/v1
kind: Agreement
metadata: {name: draft}
spec: {service: api, provider: payments, consumers: [checkout], stage: draft, objectives: [{name: up, slo: availability}]}
---
apiVersion: accord/v1
kind: Agreement
metadata: {name: bad}
spec: {service: api, provider: payments, consumers: [checkout], objectives: [{name: up, slo: availability}], colour: red}
---
apiVersion: accord/v1
kind: Agreement
metadata: {name: mistyped}
spec: {service: api, provider: payments, consumers: [checkout], objectives: [{name: up, slo: availability}], stage: 1}
---
apiVersion: accord/v1
kind: Agreement
metadata: {name: c}
spec:
  service: api
  provider: night
  consumers: [search]
  objectives:
    - name: up
      target: 0.9
      window: {rolling: 30d}
      indicator:
        ratioMetric:
          counter: true
          good: {metricSource: {type: Prometheus, spec: {query: good_total}}}
          total: {metricSource: {type: Prometheus, spec: {query: all_total}}}
---
apiVersion: accord/v1
kind: Agreement
metadata: {name: over}
spec: {service: api, provider: payments, consumers: [search], stage: retired, objectives: [{name: up, slo: availability}]}
---
apiVersion: accord/v2
kind: Agreement
metadata: {name: unread}
spec: {}
---
apiVersion: accord/v1
kind: Exclusion
metadata: {name: upgrade}
spec: {services: [api], from: 2026-11-07T02:00:00Z, to: 2026-11-07T03:00:00Z, requestedBy: payments, approvedBy: checkout}
---
apiVersion: accord/v1
kind: Exclusion
metadata: {name: wish}
spec: {agreements: [b], from: 2026-11-07T02:00:00Z, to: 2026-11-07T03:00:00Z, requestedBy: payments}
`,
}

// write is a change of one document: its text with old replaced by new, or
// another text, or none.
type write struct {
	kind, name, old, new, text string
}

func (w write) String() string {
	return fmt.Sprintf("%s %s: %q -> %q %s", w.kind, w.name, w.old, w.new, w.text)
}

func (f *Folder) attempt(t testing.TB, w write, login, email string, admin bool) error {
	id, who := catalog.ID{Kind: w.kind, Name: w.name}, User{login, email, map[bool]string{true: "Admin"}[admin]}
	when := Condition{New: true}
	found, err := f.Read(f.catalog(t), id)
	if err == nil {
		when.New, when.Hash = false, found.Hash
		if w.old != "" {
			w.text = strings.ReplaceAll(string(found.Text), w.old, w.new)
		}
	}
	if w.text == "" {
		return f.Delete(ctx, who, id, when)
	}
	_, err = f.putOne(ctx, who, id, []byte(w.text), when)
	return err
}

// head is the beginning of a document's text.
func head(version, kind, name string) string {
	return fmt.Sprintf("apiVersion: %s\nkind: %s\nmetadata: {name: %s}\n", version, kind, name)
}

// inService is a Service that carries documents of accord/v1.
func inService(name string, documents ...string) write {
	text := strings.ReplaceAll(strings.Join(documents, "---\n"), "\n", "\n      ")
	return write{kind: "Service", name: name, text: fmt.Sprintf(
		"apiVersion: openslo/v1\nkind: Service\nmetadata:\n  name: %s\n  annotations:\n    accord/documents: |\n      %s\nspec: {}\n", name, strings.TrimSpace(text))}
}

const (
	forged = "spec: {agreements: [a], from: 2026-04-02T00:00:00Z, to: 2026-04-26T20:00:00Z, requestedBy: payments, approvedBy: checkout}\n"
	pact   = "spec: {service: api, provider: payments, consumers: [checkout], objectives: [{name: up, slo: availability}]}\n"
)
