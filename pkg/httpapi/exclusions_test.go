package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/httpapi"
	"github.com/accord-sla/accord/pkg/wire"
)

const planned = `---
apiVersion: accord/v1
kind: Team
metadata: {name: members, displayName: Members}
spec: {members: [anna]}
---
apiVersion: accord/v1
kind: Exclusion
metadata: {name: nightly, displayName: Nightly copy}
spec:
  reason: The copy reads all
  agreements: [met]
  from: 2020-01-01T20:00:00Z
  to: 2020-01-01T20:30:00Z
  recurrence: FREQ=DAILY
  requestedBy: payments
  approvedBy: checkout # on the phone
---
apiVersion: accord/v1
kind: Exclusion
metadata: {name: upgrade}
spec:
  reason: The database moves
  agreements: [met]
  from: 2027-01-31T01:00:00Z
  to: 2027-01-31T03:00:00Z
  requestedBy: payments
---
apiVersion: openslo/v1
kind: Service
metadata: {name: unused}
spec: {description: Nobody is promised it}
---
apiVersion: accord/v1
kind: Exclusion
metadata: {name: outage}
spec: {reason: The acquirer was away, services: [unused], from: 2026-03-01T01:00:00Z, to: 2026-03-01T03:00:00Z}
`

func exclusionsAPI(t *testing.T, login string) http.Handler {
	return exclusionsOf(t, company+promise("met", "checkout, members", active, easy)+planned, login)
}

func exclusionsOf(t *testing.T, text, login string) http.Handler {
	_, o := companyAPI(t)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "slas.yaml"), []byte(text), 0o600))
	read, err := catalog.Load(t.Context(), dir, catalog.Options{})
	require.NoError(t, err)
	o.Catalog = func(context.Context) (*catalog.Catalog, error) { return read, nil }
	o.Folder = &editing.Folder{Dir: dir, Now: o.Now, Live: catalog.NewLive(dir, catalog.Options{}, nil)}
	o.User = func(context.Context) httpapi.User { return httpapi.User{Login: login, Role: "Editor"} }
	return httpapi.New(*o)
}

func TestExclusionsAreListedByWhatRunsComesAndIsPast(t *testing.T) {
	handler := exclusionsAPI(t, "anna")
	page := answered[httpapi.ExclusionRows](t, handler, "/pages/exclusions")
	require.Len(t, page.Rows, 3)
	nightly, upgrade, outage := page.Rows[0], page.Rows[1], page.Rows[2]
	assert.Equal(t, httpapi.Running, nightly.Phase, "at 20:05 the copy of the day runs")
	assert.Equal(t, time.Date(2026, 4, 26, 20, 0, 0, 0, time.UTC), nightly.From)
	assert.Equal(t, httpapi.Approved, nightly.Approval)
	assert.Equal(t, "Approved by Checkout & Cart", nightly.ApprovalText)
	assert.Equal(t, httpapi.Planned, upgrade.Phase, "however far it lies ahead")
	assert.Equal(t, "Needs the approval of one of: Checkout & Cart, Members", upgrade.ApprovalText)
	assert.Equal(t, []wire.Named{{Name: "met", DisplayName: "The met one"}}, upgrade.Agreements)
	assert.Equal(t, httpapi.Past, outage.Phase)
	assert.Equal(t, httpapi.Unused, outage.Approval)

	page = answered[httpapi.ExclusionRows](t, handler, "/pages/exclusions?approval=proposed&team=checkout")
	require.Len(t, page.Rows, 1)
	assert.Equal(t, "upgrade", page.Rows[0].Name)
	assert.Equal(t, []httpapi.Choice{{Value: "planned", Label: "Planned", Count: 1}}, page.Phases)

	for query, want := range map[string]int{
		"agreement=": 3, "agreement=met": 2, "agreement=breached": 0, "agreement=breached&agreement=met": 2,
		"team=nobody": 0, "team=nobody&team=checkout": 2, "agreement=breached&agreement=met&team=nobody": 0,
	} {
		assert.Len(t, answered[httpapi.ExclusionRows](t, handler, "/pages/exclusions?"+query).Rows, want, query)
	}
}

func TestAMemberIsGivenTheTextOfTheApproval(t *testing.T) {
	page := answered[httpapi.ExclusionPage](t, exclusionsAPI(t, "ANNA"), "/pages/exclusions/upgrade")
	assert.Equal(t, wire.Named{Name: "members", DisplayName: "Members"}, *page.ApproveAs)
	assert.Contains(t, page.ApprovedText, "spec:\n  approvedBy: members\n  approvedOn: 2026-04-26\n  reason:")
	assert.Contains(t, page.Tried, "approvedBy: checkout")
	assert.Equal(t, "How it would be once Checkout & Cart approves", page.TriedText)
	assert.True(t, page.Permission.Writable, page.Permission.Reason)

	page = answered[httpapi.ExclusionPage](t, exclusionsAPI(t, "berta"), "/pages/exclusions/upgrade")
	assert.Nil(t, page.ApproveAs, "who is no member has no approval to give")
	assert.Empty(t, page.ApprovedText)

	page = answered[httpapi.ExclusionPage](t, exclusionsAPI(t, "anna"), "/pages/exclusions/nightly")
	assert.NotContains(t, page.Tried, "approvedBy")
	assert.Len(t, page.Occurrences, 10)
}

// Nobody can approve what nobody asked for.
func TestAnExclusionWithoutWhoAsksIsNotOfferedForApproval(t *testing.T) {
	text := strings.Replace(planned, "T03:00:00Z\n  requestedBy: payments\n", "T03:00:00Z\n", 1)
	page := answered[httpapi.ExclusionPage](t, exclusionsOf(t, company+promise("met", "checkout, members", active, easy)+text, "anna"), "/pages/exclusions/upgrade")
	assert.Equal(t, httpapi.Proposed, page.Approval)
	assert.Equal(t, "Needs requestedBy, the team that asks, before another can approve it", page.ApprovalText)
	assert.Empty(t, page.Approvers)
	assert.Nil(t, page.ApproveAs)
	assert.Empty(t, page.ApprovedText)
	assert.Empty(t, page.Tried)
}

// What cannot be changed alone, as in the annotation of a Service, is shown, and
// changed in its file.
func TestAnExclusionThatCannotBeChangedAloneIsShown(t *testing.T) {
	const own = "{apiVersion: accord/v1, kind: Exclusion, metadata: {name: x}, spec: {reason: r, agreements: [met], " +
		"from: 2027-01-31T01:00:00Z, to: 2027-01-31T03:00:00Z, requestedBy: payments}}"
	for name, text := range map[string]string{
		"in an annotation": "---\napiVersion: openslo/v1\nkind: Service\nmetadata: {name: carrier, annotations: {accord/documents: '" + own + "'}}\nspec: {}\n",
		"in brackets":      "---\n[" + own + "]\n",
		"with an anchor of another": "---\n- {apiVersion: openslo/v1, kind: Service, metadata: {name: &x x}, spec: {}}\n" +
			"- " + strings.Replace(own, "name: x", "name: *x", 1) + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			handler := exclusionsOf(t, company+promise("met", "checkout, members", active, easy)+planned+text, "anna")
			page := answered[httpapi.ExclusionPage](t, handler, "/pages/exclusions/x")
			assert.Equal(t, "Needs the approval of one of: Checkout & Cart, Members", page.ApprovalText)
			assert.Len(t, page.Approvers, 2)
			assert.Empty(t, page.Hash)
			assert.Nil(t, page.ApproveAs)
			assert.Empty(t, page.Tried)
			assert.False(t, page.Permission.Writable)
			put := send(handler, http.MethodPut, "/documents/Exclusion/x", own, "If-None-Match", "*")
			assert.Equal(t, http.StatusConflict, put.Code)
			for _, said := range []string{page.Permission.Reason, put.Body.String()} {
				assert.Contains(t, said, "can only be changed in the file itself")
			}
			assert.Regexp(t, `Exclusion x in slas.yaml:\d+ does not stand on lines of its own`, put.Body.String())
		})
	}
}

func TestAFormIsAnExclusion(t *testing.T) {
	handler := exclusionsAPI(t, "anna")
	draft := func(form httpapi.ExclusionForm) (d httpapi.ExclusionDraft) {
		body, err := json.Marshal(form)
		require.NoError(t, err)
		answer := ask(handler, http.MethodPost, "/pages/exclusions/draft", string(body))
		require.Equal(t, http.StatusOK, answer.Code, answer.Body)
		require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &d))
		return d
	}
	form := httpapi.ExclusionForm{Title: "Outage of the acquirer", Reason: "Yes: it's their status", Category: "third-party", Mode: "exclude",
		Agreements: []string{"met"}, From: "2026-10-25T01:30", To: "2026-10-25T04:00", TimeZone: "Europe/Berlin", RequestedBy: "payments"}
	d := draft(form)
	assert.Empty(t, d.Missing)
	assert.True(t, d.Valid, d.Problems)
	assert.Equal(t, "outage-of-the-acquirer", d.Name)
	assert.Contains(t, d.Text, "from: \"2026-10-25T01:30:00+02:00\"\n", "the offset is that of the day")
	assert.Contains(t, d.Text, "to: \"2026-10-25T04:00:00+01:00\"\n")
	assert.Contains(t, d.Tried, "approvedBy: checkout")
	pasted := form
	pasted.Title, pasted.Reason = "\tOutage of the acquirer\n", "\n\tYes:\n  it's their status"
	d = draft(pasted)
	assert.True(t, d.Valid, d.Problems)
	assert.Contains(t, d.Text, "displayName: Outage of the acquirer\n")
	assert.Regexp(t, "Yes:\\n +it's their status", d.Text)
	for name, change := range map[string]func(*httpapi.ExclusionForm){
		"exclusion-2026-10-25t01-30":             func(f *httpapi.ExclusionForm) { f.Title, f.Reason = "停電", "原因" },
		strings.Repeat("long-", 11) + "9822ab5b": func(f *httpapi.ExclusionForm) { f.Title = strings.Repeat("Long ", 40) },
	} {
		named := form
		change(&named)
		assert.Equal(t, name, draft(named).Name)
		assert.True(t, draft(named).Valid, "every title makes a name that documents may have")
	}
	assert.NotContains(t, fmt.Sprint(d.Problems), "your own team", "anna is of no provider")
	handler = exclusionsOf(t, strings.Replace(company+promise("met", "checkout, members", active, easy)+planned, "displayName: Payments}\n", "displayName: Payments}\nspec: {members: [paul]}\n", 1), "paul")
	form.RequestedBy = "checkout"
	d = draft(form)
	assert.Contains(t, fmt.Sprint(d.Problems), "as a member of a provider you ask in its name: choose that, or leave it to another member of checkout")
	assert.True(t, d.Valid, "it can be copied for those who may")
	form.RequestedBy = "payments"
	d = draft(form)
	assert.NotContains(t, fmt.Sprint(d.Problems), "your own team")
	handler = exclusionsAPI(t, "anna")
	east := form
	east.TimeZone = "Pacific/Kiritimati"
	assert.Contains(t, draft(east).Tried, "approvedOn: 2026-04-27\n", "the day is that of its zone")
	twice := form
	twice.From = "2026-10-25T02:30"
	assert.Contains(t, draft(twice).Text, "from: \"2026-10-25T02:30:00+02:00\"\n", "a clock that shows it twice: the first, as in documents")

	for missing, change := range map[string]func(*httpapi.ExclusionForm){
		"reason: say why this time is not to count":                                        func(f *httpapi.ExclusionForm) { f.Reason = " " },
		"services, agreements: choose those that it is about":                              func(f *httpapi.ExclusionForm) { f.Agreements = nil },
		"to 2026-10-25T01:30: must be after from, 2026-10-25T01:30":                        func(f *httpapi.ExclusionForm) { f.To = f.From },
		`from "", to "2026-10-25T04:00": say when it starts and ends, as 2026-11-08T02:00`: func(f *httpapi.ExclusionForm) { f.From = "" },
		"requested by: choose the team that asks; another one approves":                    func(f *httpapi.ExclusionForm) { f.RequestedBy = "" },
		`time zone "Europe/Berln": there is none, give an IANA name such as Europe/Berlin`: func(f *httpapi.ExclusionForm) { f.TimeZone = "Europe/Berln" },
		"There is an exclusion upgrade: choose another title":                              func(f *httpapi.ExclusionForm) { f.Title = "Upgrade!" },
	} {
		changed := form
		change(&changed)
		assert.Equal(t, missing, draft(changed).Missing)
	}
}

// What comes again is planned, however long that takes, and the search finds each
// agreement, also those that a row only counts.
func TestAnExclusionIsFoundByWhenItComesAndByWhatItConcerns(t *testing.T) {
	text := company
	for i := range 5 {
		text += promise(fmt.Sprintf("met%d", i), "checkout", active, easy)
	}
	exclusion := func(name, agreements, day, more string) string {
		return fmt.Sprintf("---\napiVersion: accord/v1\nkind: Exclusion\nmetadata: {name: %s}\nspec: {reason: r, agreements: [%s], "+
			"from: %[3]sT01:00:00Z, to: %[3]sT02:00:00Z, requestedBy: payments%s}\n", name, agreements, day, more)
	}
	text += exclusion("yearly", "met0", "2025-01-10", ", recurrence: FREQ=YEARLY") +
		exclusion("ended", "met0", "2024-01-10", ", recurrence: FREQ=MONTHLY;COUNT=3") +
		exclusion("wide", "met0, met1, met2, met3, met4", "2026-05-10", "")
	for i := range 1100 { // more often together than one question may be answered
		text += exclusion(fmt.Sprintf("x%d", i), "met0", "2025-01-10", ", recurrence: FREQ=DAILY")
	}
	handler := exclusionsOf(t, text, "anna")
	found := func(query string) map[string]string {
		rows := map[string]string{}
		for _, row := range answered[httpapi.ExclusionRows](t, handler, "/pages/exclusions?"+query).Rows {
			rows[row.Name] = string(row.Phase) + " " + row.From.Format(time.DateOnly)
		}
		return rows
	}
	assert.Equal(t, map[string]string{"yearly": "planned 2027-01-10"}, found("search=yearly"))
	assert.Equal(t, map[string]string{"ended": "past 2024-03-10"}, found("search=ended"))
	assert.Equal(t, map[string]string{"wide": "planned 2026-05-10"}, found("search=met4"))
}

// A document has one approval: who approved must not be replaced by whoever else may.
func TestAnApprovalInEffectIsNotReplaced(t *testing.T) {
	text := company + promise("one", "checkout", active, easy) + promise("two", "members", active, easy) +
		strings.NewReplacer("[met]", "[one, two]", "requestedBy: payments\n---", "requestedBy: payments\n  approvedBy: checkout\n---").Replace(planned)
	page := answered[httpapi.ExclusionPage](t, exclusionsOf(t, text, "anna"), "/pages/exclusions/upgrade")
	assert.Equal(t, httpapi.Partly, page.Approval)
	assert.Equal(t, "Approved by Checkout & Cart, in effect in 1 of 2 agreements", page.ApprovalText)
	assert.Equal(t, []httpapi.Approver{{Named: wire.Named{Name: "members", DisplayName: "Members"}, Members: []string{"anna"}}}, page.Approvers)
	assert.Nil(t, page.ApproveAs)
	assert.Empty(t, page.ApprovedText)
	assert.Equal(t, "How it would be without this exclusion", page.TriedText)
}

// Whether it was approved before or after is the first question about it.
func TestAnApprovalHasItsDay(t *testing.T) {
	text := company + promise("one", "checkout", active, easy) +
		strings.NewReplacer("[met]", "[one]", "requestedBy: payments\n---", "requestedBy: payments\n  approvedBy: checkout\n  approvedOn: 2027-01-20\n  timeZone: Asia/Tokyo\n---").Replace(planned)
	handler := exclusionsOf(t, text, "anna")
	page := answered[httpapi.ExclusionPage](t, handler, "/pages/exclusions/upgrade")
	assert.Equal(t, "Approved by Checkout & Cart on 20 January 2027", page.ApprovalText)
	contract := answered[httpapi.AgreementContractTab](t, handler, "/pages/agreement/contract/one")
	assert.Equal(t, "Checkout & Cart on 20 January 2027", contract.Exclusions[1].ApprovedBy)
}

// A timeline is of what the table lists, and does not grow with the catalog.
func TestATimelineHasTheHoursAndTheExclusionsThatAreListed(t *testing.T) {
	text := company + officeOf("met") + planned
	for i := range 30 {
		text += fmt.Sprintf("---\napiVersion: accord/v1\nkind: Exclusion\nmetadata: {name: x%d}\n"+
			"spec: {reason: r, agreements: [met], mode: good, from: 2027-02-01T01:00:00Z, to: 2027-02-01T02:00:00Z, requestedBy: payments, approvedBy: checkout}\n", i)
	}
	handler := exclusionsOf(t, text, "anna")
	lanes := func(query string) []string {
		return wire.Each(answered[httpapi.Timeline](t, handler, "/pages/timeline?"+query).Lanes, func(l httpapi.Lane) string {
			return fmt.Sprintf("%s %s %d", l.Name, l.Kind, len(l.Spans))
		})
	}
	const week = "from=2027-01-30T00:00:00Z&to=2027-02-06T00:00:00Z"
	assert.Equal(t, []string{"office supportHours 5", "nightly excluded 7", "upgrade notApproved 1", "x0 countsAsGood 1"}, lanes(week)[:4])
	assert.Len(t, lanes(week), 20)
	assert.Equal(t, 13, answered[httpapi.Timeline](t, handler, "/pages/timeline?"+week).MoreLanes)
	assert.Equal(t, []string{"office supportHours 5", "upgrade notApproved 1"}, lanes(week+"&approval=proposed"))
	assert.Empty(t, lanes(week+"&agreement=breached"))
	assert.Len(t, lanes(week+"&agreement=breached&agreement=met"), 20)
	for query, said := range map[string]string{
		"":                               `from \"\": must be an instant such as`,
		"from=2026-11-07T00:00:00Z&to=x": `to \"x\": must be an instant such as`,
		"from=2026-11-07T00:00:00Z&to=2026-11-07T00:00:00Z": "must be after from",
		"from=2026-01-01T00:00:00Z&to=2026-11-07T00:00:00Z": "more than 100 days",
	} {
		refused := ask(handler, http.MethodGet, "/pages/timeline?"+query, "")
		assert.Equal(t, http.StatusBadRequest, refused.Code, query)
		assert.Contains(t, refused.Body.String(), said, query)
	}
}

// Whoever has gone is no fault of Accord.
func TestACanceledRequestGetsItsOwnError(t *testing.T) {
	handler := exclusionsAPI(t, "anna")
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, path := range []string{"/pages/exclusions", "/pages/exclusions/nightly", "/pages/agreements", "/pages/agreement/status/met", "/pages/agreement/history/met"} {
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil).WithContext(canceled))
		assert.Contains(t, recorder.Body.String(), "context canceled", path)
		assert.NotContains(t, recorder.Body.String(), "fault in Accord", path)
	}
}

const officeHours = `apiVersion: accord/v1
kind: Calendar
metadata: {name: office, displayName: Office hours}
spec:
  timeZone: Europe/Berlin
  weekly: [{days: [mon, tue, wed, thu, fri], from: "08:00", to: "18:00"}]
  holidays: [{country: DE}]
`

// officeOf is an agreement in office hours.
func officeOf(name string) string {
	return promise(name, "checkout, members", active+", supportHours: office", easy) + "---\n" + officeHours
}
