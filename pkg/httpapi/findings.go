package httpapi

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/planning"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

// Findings is a page of everything that needs fixing, severest first.
type Findings struct {
	// At is when the data was checked. With thousands of objectives that may be up to ten minutes ago,
	// while the next check runs.
	At   time.Time `json:"at"`
	Rows []Finding `json:"rows"`
	Paging
	Severities []Choice   `json:"severities"`
	Kinds      []Choice   `json:"kinds"`
	Connection Connection `json:"connection"`
	// Documents says how many documents were read.
	Documents string `json:"documents"`
	Cache     Cache  `json:"cache"`
}

// Finding is one thing that needs fixing.
type Finding struct {
	Severity FindingSeverity `json:"severity"`
	Kind     FindingKind     `json:"kind"`
	Text     string          `json:"text"`
	// Mend says what to do about it.
	Mend  string `json:"mend"`
	Where Where  `json:"where"`
}

// FindingSeverity is how bad a finding is.
type FindingSeverity string

// The severities, the severest first.
const (
	ErrorFinding   FindingSeverity = "error"   // something is left out, not measured or never fires
	WarningFinding FindingSeverity = "warning" // it affects the figures, or nobody is notified
	InfoFinding    FindingSeverity = "info"    // for information
)

// FindingKind is what a finding is about.
type FindingKind string

// The kinds, in the order of findings with the same severity.
const (
	ConnectionFinding FindingKind = "connection"
	DocumentFinding   FindingKind = "documents"
	DataFinding       FindingKind = "data"
	AlertFinding      FindingKind = "alerts"
	PromiseFinding    FindingKind = "dependencies"
	ReviewFinding     FindingKind = "reviews"
	OwnerFinding      FindingKind = "owners"
)

var (
	findingSeverities = []FindingSeverity{ErrorFinding, WarningFinding, InfoFinding}
	findingKinds      = []FindingKind{ConnectionFinding, DocumentFinding, DataFinding, AlertFinding, PromiseFinding, ReviewFinding, OwnerFinding}
)

// Where is the place of a finding.
type Where struct {
	Text string `json:"text"`
	// Page is the kind of page that shows it; empty if none does.
	Page WherePage `json:"page,omitempty"`
	// Kind is the kind of the document, Name the name of the document, agreement or team.
	Kind string `json:"kind,omitempty"`
	Name string `json:"name,omitempty"`
}

// WherePage is a kind of page.
type WherePage string

// The pages to which findings link.
const (
	OpensDocument  WherePage = "document"
	OpensAgreement WherePage = "agreement"
	OpensTeam      WherePage = "team"
	OpensSettings  WherePage = "settings" // of the data source
)

var findingList = list[Finding]{
	text: func(f Finding) string { return f.Text + "\n" + f.Where.Text + "\n" + f.Where.Name },
	filters: map[string]func(Finding) []string{
		"severity": func(f Finding) []string { return []string{string(f.Severity)} },
		"kind":     func(f Finding) []string { return []string{string(f.Kind)} },
	},
	sorts: map[string]order[Finding]{
		"": {compare: func(a, b Finding) int {
			return cmp.Or(byFindingSeverity(a, b), cmp.Compare(slices.Index(findingKinds, a.Kind), slices.Index(findingKinds, b.Kind)), cmp.Compare(a.Where.Text, b.Where.Text))
		}},
		"severity": {compare: byFindingSeverity},
		"kind":     byText(func(f Finding) string { return string(f.Kind) }),
		"where":    byText(func(f Finding) string { return f.Where.Text }),
	},
}

func byFindingSeverity(a, b Finding) int {
	return cmp.Compare(slices.Index(findingSeverities, a.Severity), slices.Index(findingSeverities, b.Severity))
}

func (h *handlers) listFindings(r *http.Request) (any, error) {
	all, health, at := h.findings(r.Context())
	query := r.URL.Query()
	rows, paging, err := findingList.page(query, all)
	return Findings{At: at, Rows: rows, Paging: paging,
		Connection: health.Connection, Documents: health.Documents.Text(), Cache: health.Cache,
		Severities: findingList.choices(query, all, "severity", tables.Capitalized), Kinds: findingList.choices(query, all, "kind", tables.Capitalized)}, err
}

// findings returns all findings. If there was not enough time to check all data, that is one, too.
func (h *handlers) findings(ctx context.Context) (all []Finding, health Health, at time.Time) {
	at = h.Present()
	health, c := h.examine(ctx)
	all = connectionFindings(health)
	if health.Documents.Error != "" && !health.Documents.Stale { // there is no catalog
		return all, health, at
	}
	all = slices.Concat(all, problemFindings(c, c.Problems, DocumentFinding), promiseFindings(c, at), approvalFindings(c, at), reviewFindings(c, at), ownerFindings(c, at))
	if health.Connection.Error != "" {
		return append(all, alertFindings(h.writtenAlerts(ctx, c))...), health, at
	}
	results, _, _ := h.everything(ctx, c)
	looked, at := h.looked(ctx, c)
	type reason struct{ name, text string }
	gaps, reasons := gapFindings(results), map[reason]bool{}
	for _, gap := range gaps {
		reasons[reason{gap.Where.Name, gap.Text}] = true
	}
	isReason := func(f Finding) bool { // a finding that only repeats the reason of a gap
		_, text, _ := strings.Cut(f.Text, ": ")
		return f.Kind == DataFinding && reasons[reason{f.Where.Name, tables.Sentence(text)}]
	}
	return slices.Concat(all, slices.DeleteFunc(slices.Clone(looked), isReason), gaps), health, at
}

const staleText = "The folder of documents cannot be read again, and those from before are in force"

func connectionFindings(h Health) (all []Finding) {
	settings := Where{Text: "Settings of the data source", Page: OpensSettings}
	if h.Connection.Error != "" {
		all = append(all, Finding{ErrorFinding, ConnectionFinding, tables.Sentence("Prometheus cannot be asked: " + h.Connection.Error),
			"Check its URL and whether it runs. Until it answers no figure is shown rather than a wrong one.", settings})
	}
	if h.Documents.Error != "" {
		text := "The folder of documents cannot be read: "
		if h.Documents.Stale {
			text = staleText + ": "
		}
		all = append(all, Finding{ErrorFinding, DocumentFinding, tables.Sentence(text + h.Documents.Error),
			"Check the folder that the data source names.", settings})
	} else if h.Documents.Agreements+h.Documents.SLOs == 0 {
		all = append(all, Finding{WarningFinding, DocumentFinding, "Nothing is measured: no agreement and no SLO was read.",
			"Create an agreement, or check the folder that the data source names.", settings})
	}
	return all
}

// problemFindings converts problems of documents, and links them to documents that can be opened.
func problemFindings(c *catalog.Catalog, problems []problem.Problem, kind FindingKind) []Finding {
	documents := map[catalog.ID]catalog.Listed{}
	for _, listed := range slices.Backward(c.Listed) { // of two with one name the first is opened
		documents[listed.ID] = listed
	}
	return wire.Each(problems, func(p problem.Problem) Finding {
		found := Finding{WarningFinding, kind, p.Message, "Correct it; until then it has no effect, or another than is meant.",
			Where{Text: p.File}}
		if p.Severity == problem.Error {
			found.Severity, found.Mend = ErrorFinding, "Correct it; until then the document is left out."
		}
		if kind == DataFinding {
			found.Mend = "Correct the query, or see why Prometheus has no such data."
		}
		if p.Field != "" {
			found.Text = p.Field + ": " + p.Message
		}
		if p.Line > 0 {
			found.Where.Text = fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
		}
		switch listed, ok := documents[catalog.ID{Kind: p.Kind, Name: p.Name}]; {
		case ok && listed.File == p.File:
			found.Where.Page, found.Where.Kind, found.Where.Name = OpensDocument, p.Kind, p.Name
		case ok && kind == DataFinding: // the query is in an SLO of another file
			found.Where.Page, found.Where.Kind, found.Where.Name = OpensAgreement, p.Kind, p.Name
		}
		return found
	})
}

var notLookedAt = Finding{InfoFinding, DataFinding, "The data of some objectives were not looked at in time.",
	"Look again: what was read is remembered. Or run accord validate --prometheus.", Where{}}

// gapFindings finds objectives of active and proposed agreements with no data or too little coverage.
func gapFindings(results []measure.AgreementResult) (all []Finding) {
	for _, result := range results {
		a := result.Agreement
		if a.Stage != agreement.Active && a.Stage != agreement.Proposed {
			continue
		}
		for _, r := range result.Objectives {
			found := Finding{WarningFinding, DataFinding, "", "See since when its series are scraped, and with which gaps.",
				inObjective(idOf(a), a.Title()+" / "+r.Objective.Title(), r.Group)}
			switch {
			case r.Err != nil || r.State == budget.Inactive || r.Objective.OtherConnection != "", !r.Coverage.Known(): // nothing is in scope
				continue
			case r.State == budget.NoData:
				found.Severity, found.Text = ErrorFinding, tables.Sentence(cmp.Or(r.Reason, "nothing was measured"))
			case a.Stage == agreement.Active && r.Blind >= budget.BlindAfter:
				found.Severity, found.Text = ErrorFinding, "Nothing was measured in the last "+tables.Elapsed(r.Blind)+" that count."
			case r.Coverage < budget.WholeCoverage-budget.Tolerance:
				found.Text = r.Coverage.Share() + " of the time that counts was measured (" + tables.WindowText(r.Window, r.To) + ")."
			default:
				continue
			}
			all = append(all, found)
		}
	}
	return all
}

func inObjective(of catalog.ID, title string, group map[string]string) Where {
	return Where{Text: wire.ObjectiveText(title, group), Page: OpensAgreement, Kind: of.Kind, Name: of.Name}
}

func alertFindings(checked []planning.ObjectiveAlerts) (all []Finding) {
	for _, of := range checked {
		for _, alert := range of.Alerts {
			if len(alert.Problems) == 0 {
				continue
			}
			text := tables.Sentence(fmt.Sprintf("the %s alert over %s: %s", alert.Severity, alert.Long, strings.Join(alert.Problems, "; ")))
			found := Finding{WarningFinding, AlertFinding, text, "Change the windows, the share or minEvents of the alert.",
				inObjective(catalog.ID{Kind: of.Kind, Name: of.Agreement}, of.Title, of.Group)}
			if !alert.CanFire {
				found.Severity = ErrorFinding
			}
			all = append(all, found)
		}
	}
	return all
}

// promiseFindings finds targets that the dependencies do not support, or for which that is unknown.
func promiseFindings(c *catalog.Catalog, at time.Time) (all []Finding) {
	for _, p := range planning.CheckPromises(c.Agreements, at) {
		found := Finding{WarningFinding, PromiseFinding, "", "Have that promised first, or take it out of dependsOn.",
			inObjective(catalog.ID{Kind: "Agreement", Name: p.Agreement}, p.Title, nil)}
		switch {
		case !p.Kept:
			found.Severity, found.Mend = ErrorFinding, "Promise no more than that, or have more promised by what it depends on."
			found.Text = fmt.Sprintf("%s is promised, and what it depends on holds %s at best: %s.", budget.Figure(p.Target).Percent(),
				p.Best.Percent(), tables.RestsOn(p, func(u planning.Upstream) string { return u.Title }))
		case !p.Best.Known():
			found.Text = tables.Sentence("what it can hold is not known: " + p.Reason)
		default:
			continue
		}
		all = append(all, found)
	}
	return all
}

func approvalFindings(c *catalog.Catalog, at time.Time) (all []Finding) {
	for _, x := range c.Exclusions {
		if x.ApprovedOn.After(at) {
			text := "Exclusion " + x.Name + ": approvedOn " + x.ApprovedOn.In(x.Zone).Format(time.DateOnly) + " is in the future."
			all = append(all, Finding{WarningFinding, DocumentFinding, text, "Write the day of the approval into approvedOn.",
				Where{fmt.Sprintf("%s:%d:%d", x.Place.File, x.Place.Line, x.Place.Column), OpensDocument, "Exclusion", x.Name}})
		}
	}
	return all
}

func reviewFindings(c *catalog.Catalog, at time.Time) (all []Finding) {
	for _, a := range c.Agreements {
		if a.IsReviewDue(at) {
			text := "The review was due on " + tables.Date(a.ReviewDue(), a.Zone) + "."
			all = append(all, Finding{WarningFinding, ReviewFinding, text,
				"Look at it with the other party, and write the day into review.last.", Where{a.Title(), OpensAgreement, a.Kind(), a.Name}})
		}
	}
	return all
}

// ownerFindings finds providers without contacts, parties without members, and SLOs that no agreement names.
func ownerFindings(c *catalog.Catalog, at time.Time) (all []Finding) {
	provides, in, agreements := map[string][]string{}, map[string][]string{}, map[string]bool{}
	for _, a := range c.WithLeftOut() {
		agreements[a.Name] = agreements[a.Name] || !a.IsSLO
	}
	for _, a := range c.Agreements {
		if a.Stage != agreement.Active && a.Stage != agreement.Proposed || a.IsOver(at) {
			continue
		}
		provides[a.Provider] = append(provides[a.Provider], a.Title())
		for _, team := range a.Parties() {
			in[team] = append(in[team], a.Title())
		}
	}
	for _, t := range wire.NewTeams(c) {
		where := Where{t.Title(), OpensTeam, "", t.Name}
		if names := provides[t.Name]; len(names) > 0 && len(t.Contacts) == 0 {
			text := "It has no contact: nobody is notified when " + tables.Some(3, names, ", ", ",") + " breaks."
			all = append(all, Finding{WarningFinding, OwnerFinding, text, "Add a contact to the team.", where})
		}
		if names := in[t.Name]; len(names) > 0 && len(t.Members) == 0 {
			text := "It has no members: nobody can approve or sign for it in " + tables.Some(3, names, ", ", ",") + "."
			all = append(all, Finding{WarningFinding, OwnerFinding, text, "Add the members of the team.", where})
		}
	}
	for _, s := range c.SLOs {
		where := Where{s.Title(), OpensAgreement, s.Kind(), s.Name}
		if agreements[s.Name] {
			all = append(all, Finding{WarningFinding, OwnerFinding, "An agreement has the same name: queries and alert rules that name it are about both, gates about the agreement.",
				"Give it another name, or name it in the agreement.", where})
			continue
		}
		all = append(all, Finding{InfoFinding, OwnerFinding, "No agreement names it: nobody has promised it.", "Create an agreement that names it.", where})
	}
	return all
}
