package editing

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/catalog/document"
)

func TestWhoMayChangeWhat(t *testing.T) {
	for what, c := range map[string]struct {
		write
		said string
		by   string // empty: an Admin
	}{
		"a target of the SLO":       {write{kind: "SLO", name: "availability", old: "0.95", new: "0.5"}, "to change the objective up of a takes a member of one of its parties, and mallory is not among the members of payments or checkout: leave that to one of them", "anna"},
		"a query of the SLI":        {write{kind: "SLI", name: "up", old: "good_total", new: "all_total"}, "change the objective up of a", "ANNA"},
		"the data source":           {write{kind: "DataSource", name: "metrics", old: "Prometheus", new: "Datadog"}, "change the objective up of a", "anna"},
		"a condition of its alerts": {write{kind: "AlertCondition", name: "fast", old: "14", new: "1000"}, "change the objective up of a", "anna"},
		"the support hours":         {write{kind: "Calendar", name: "office", old: "mon", new: "sun"}, "change the support hours of a", "ben"},
		"the zone of the calendar":  {write{kind: "Calendar", name: "office", old: "{weekly", new: "{timeZone: Asia/Tokyo, weekly"}, "change the support hours of a", "ben"},
		"the stage":                 {write{kind: "Agreement", name: "a", old: "spec:\n", new: "spec:\n  stage: retired\n"}, "change the stage of a", "ben"},
		"the dates":                 {write{kind: "Agreement", name: "a", old: "{from: 2026-01-01}", new: "{from: 2027-01-01}"}, "change the effective dates of a", "ben"},
		"the parties":               {write{kind: "Agreement", name: "a", old: "[checkout]\n", new: "[checkout, strangers]\n"}, "change the parties of a", "ben"},
		"a revision":                {write{kind: "Agreement", name: "a", old: "revisions: [{from: 2026-06-01, target: 0.97, approvedBy: [checkout]}]", new: "target: 0.95"}, "change the objective up of a", "ben"},
		"a signature":               {write{kind: "Agreement", name: "a", old: "signatures:", new: "links: [] #"}, "change the signatures of a", "ben"},
		"the agreement":             {write{kind: "Agreement", name: "a"}, "to delete the agreement a", "ben"},
		"a draft comes into force":  {write{kind: "Agreement", name: "draft", old: "draft,", new: "active,"}, "change the stage of draft", "anna"},
		"a draft of others":         {write{kind: "Agreement", name: "draft", old: "provider: payments, consumers: [checkout], stage: draft", new: "provider: legal, consumers: [search]"}, "is not among the members of legal or search", "lea"},
		"what is over":              {write{kind: "Agreement", name: "over", old: "[search]", new: "[strangers]"}, "change the parties of over", "anna"},
		"what is over comes back":   {write{kind: "Agreement", name: "over", old: "retired,", new: "active,"}, "change the stage of over", "anna"},
		"a new agreement":           {write{kind: "Agreement", name: "new", text: head("accord/v1", "Agreement", "new") + pact}, "make the agreement new", "anna"},
		"one in a Service":          {inService("x", head("accord/v1", "Agreement", "new")+pact), "make the agreement new", "anna"},
		"a bad one is mended":       {write{kind: "Agreement", name: "bad", old: ", colour: red", new: ""}, "mend the agreement bad", "anna"},
		"the text of a bad one":     {write{kind: "Agreement", name: "bad", old: "[checkout]", new: "[strangers]"}, "change the text of bad", "anna"},
		"of a mistyped one":         {write{kind: "Agreement", name: "mistyped", old: "[checkout]", new: "[strangers]"}, "change the text of mistyped", "anna"},
		"one of a bad team":         {write{kind: "Agreement", name: "c"}, "delete the agreement c takes a member of one of its parties, and mallory is not among the members of night or search", "nina"},
		"an approval":               {write{kind: "Exclusion", name: "wish", old: "requestedBy: payments", new: "requestedBy: payments, approvedBy: checkout"}, "to approve the exclusion for checkout", "ben"},
		"an approved time":          {write{kind: "Exclusion", name: "upgrade", old: "03:00", new: "04:00"}, "approve the exclusion for checkout", "ben"},
		"an approved mode":          {write{kind: "Exclusion", name: "upgrade", old: "{services", new: "{mode: good, services"}, "approve the exclusion for checkout", "ben"},
		"an approved recurrence":    {write{kind: "Exclusion", name: "upgrade", old: "{services", new: "{recurrence: FREQ=DAILY, services"}, "approve the exclusion for checkout", "ben"},
		"an approved list":          {write{kind: "Exclusion", name: "upgrade", old: "{services", new: "{agreements: [b], services"}, "approve the exclusion for checkout", "ben"},
		"an approval is taken back": {write{kind: "Exclusion", name: "upgrade", old: ", approvedBy: checkout", new: ""}, "change the exclusion upgrade of a", "anna"},
		"an exclusion is deleted":   {write{kind: "Exclusion", name: "upgrade"}, "change the exclusion upgrade of a", "anna"},
		"an approval in a Service":  {inService("x", head("accord/v1", "Exclusion", "x")+forged), "approve the exclusion for checkout", "ben"},
		"the second in a Service":   {inService("x", head("accord/v1", "Team", "x")+"spec: {}\n", head("accord/v1", "Exclusion", "x")+forged), "approve the exclusion for checkout", "ben"},
		"the members of a party":    {write{kind: "Team", name: "payments", old: "anna", new: "anna, mallory"}, "change the members of payments takes a member of the team", "anna"},
		"by an Admin":               {write{kind: "Team", name: "payments", old: "anna", new: "anna, mallory"}, "leave that to one of them, or to an Admin", ""},
		"the first of a party":      {write{kind: "Team", name: "search", old: "{}", new: "{members: [mallory]}"}, "name the first members of a party of b takes a member of one of its parties, and mallory is not among the members of payments or search: leave that to one of them, or to an Admin", ""},
		"a team with members":       {write{kind: "Team", name: "legal"}, "delete the team legal", "lea"},
		"a new team of others":      {write{kind: "Team", name: "new", text: head("accord/v1", "Team", "new") + "spec: {members: [nina]}\n"}, "make the team new takes a member of the team", "nina"},
		"a bad team is mended":      {write{kind: "Team", name: "ops", old: ", colour: red", new: ""}, "mend the team ops", "otto"},
		"a bad team is deleted":     {write{kind: "Team", name: "ops"}, "delete the team ops", "otto"},
		"one that cannot be read":   {write{kind: "Team", name: "hidden", old: "hanna", new: "[mallory]"}, "mend the team hidden", ""},
	} {
		t.Run(what, func(t *testing.T) {
			f := folderOf(t, companyFiles)
			refused(t, Forbidden, c.said, f.attempt(t, c.write, "mallory", "", false))
			require.Equal(t, companyFiles, f.all(t), "nothing is written")
			login, email := c.by, ""
			if c.by == "ben" {
				login, email = "benjamin", "ben@example.org"
			}
			require.NoError(t, f.attempt(t, c.write, login, email, c.by == ""))
			require.NotEqual(t, companyFiles, f.all(t))
		})
	}
}

// all are the texts of the files.
func (f *Folder) all(t testing.TB) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, name := range f.names(t) {
		all[name] = f.text(t, name)
	}
	return all
}

func TestWhatAnyEditorMayDo(t *testing.T) {
	for what, w := range map[string]write{
		"ask for an exclusion":   {kind: "Exclusion", name: "x", text: head("accord/v1", "Exclusion", "x") + strings.Replace(forged, ", approvedBy: checkout", "", 1)},
		"in a Service":           inService("x", head("accord/v1", "Exclusion", "x")+strings.Replace(forged, ", approvedBy: checkout", "", 1)),
		"change what was asked":  {kind: "Exclusion", name: "wish", old: "03:00", new: "04:00"},
		"take it back":           {kind: "Exclusion", name: "wish"},
		"name an agreement":      {kind: "Agreement", name: "a", old: "{name: a}", new: "{name: a, displayName: A, labels: {tier: \"1\"}}"},
		"describe an SLO":        {kind: "SLO", name: "availability", old: "spec:\n", new: "spec:\n  description: Up\n"},
		"name an exclusion":      {kind: "Exclusion", name: "upgrade", old: "{name: upgrade}", new: "{name: upgrade, displayName: Upgrade}"},
		"plan a review":          {kind: "Agreement", name: "a", old: "spec:\n", new: "spec:\n  review: {every: 90d}\n"},
		"contacts of a team":     {kind: "Team", name: "payments", old: "spec: {", new: "spec: {contacts: [{name: mail, type: email, target: p@example.org}], "},
		"draft":                  {kind: "Agreement", name: "draft", old: "[checkout]", new: "[strangers]"},
		"propose":                {kind: "Agreement", name: "new", text: head("accord/v1", "Agreement", "new") + strings.Replace(pact, "{", "{stage: proposed, ", 1)},
		"promise something":      {kind: "Agreement", name: "new", text: head("accord/v1", "Agreement", "new") + strings.Replace(pact, "payments", "strangers", 1)},
		"make an SLO":            {kind: "SLI", name: "new", text: head("openslo/v1", "SLI", "new") + "spec: {thresholdMetric: {metricSource: {type: Prometheus, spec: {query: up}}}}\n"},
		"a team without members": {kind: "Team", name: "new", text: head("accord/v1", "Team", "new") + "spec: {}\n"},
		"their own team":         {kind: "Team", name: "new", text: head("accord/v1", "Team", "new") + "spec: {members: [mallory]}\n"},
	} {
		t.Run(what, func(t *testing.T) { require.NoError(t, folderOf(t, companyFiles).attempt(t, w, "mallory", "", false)) })
	}
	f := folderOf(t, companyFiles)
	require.ErrorContains(t, f.attempt(t, inService("aa", head("accord/v1", "Team", "payments")+"spec: {members: [anna]}\n"), "anna", "", true),
		"Team payments stands already in document.yaml", "what a Service carries takes nobody's place")
}

// A party does not speak for the other one.
func TestAMemberOfAPartyApprovesForNoOther(t *testing.T) {
	f := folderOf(t, companyFiles)
	for _, w := range []write{
		{kind: "Exclusion", name: "x", text: head("accord/v1", "Exclusion", "x") + forged},
		inService("x", head("accord/v1", "Exclusion", "x")+forged),
		{kind: "Exclusion", name: "upgrade", old: "03:00", new: "04:00"},
		{kind: "Exclusion", name: "wish", old: "payments", new: "checkout, approvedBy: payments"},
		{kind: "Exclusion", name: "wish", old: "requestedBy: payments", new: "requestedBy: checkout"},
		{kind: "Exclusion", name: "x", text: head("accord/v1", "Exclusion", "x") + strings.Replace(forged, "payments, approvedBy: checkout", "checkout", 1)},
		{kind: "Agreement", name: "a", old: "0.97", new: "0.96"},
		{kind: "Agreement", name: "a", old: "target: 0.97", new: "target: 0.97, reason: Checkout asked for it"},
		{kind: "Agreement", name: "a", old: "{team: payments", new: "{team: checkout"},
		{kind: "Team", name: "checkout", old: "[", new: "[anna, "},
	} {
		refused(t, Forbidden, "anna is not among the members of checkout", f.attempt(t, w, "anna", "", false))
	}
}

// In no other name, also of a team without members: what forgives the provider it
// could approve itself.
func TestAProvidersMembersAskForTheirOwnTeam(t *testing.T) {
	ask := func(by string) write {
		return write{kind: "Exclusion", name: "x", text: head("accord/v1", "Exclusion", "x") + strings.Replace(forged, "payments, approvedBy: checkout", by, 1)}
	}
	for _, by := range []string{"checkout", "search", "strangers", "checkout, approvedBy: payments"} {
		refused(t, Forbidden, "to ask for the exclusion for "+strings.Split(by, ",")[0]+" takes a member of the team", folderOf(t, companyFiles).attempt(t, ask(by), "anna", "", true))
	}
	require.NoError(t, folderOf(t, companyFiles).attempt(t, ask("payments"), "anna", "", false))
	require.NoError(t, folderOf(t, companyFiles).attempt(t, ask("checkout"), "mallory", "", false), "on behalf of checkout")
	require.NoError(t, folderOf(t, companyFiles).attempt(t, ask("payments"), "benjamin", "ben@example.org", false))

	f := folderOf(t, companyFiles)
	require.NoError(t, f.attempt(t, write{kind: "Team", name: "annas", text: head("accord/v1", "Team", "annas") + "spec: {members: [anna, otto]}\n"}, "anna", "", false))
	for _, about := range []string{"agreements: [a]", "services: [api]"} {
		w := ask("annas, approvedBy: payments")
		w.text = strings.Replace(w.text, "agreements: [a]", about, 1)
		refused(t, Forbidden, "to ask for the exclusion for annas takes somebody who is not, as anna is, a member of a provider", f.attempt(t, w, "anna", "", true))
	}
	require.NoError(t, f.attempt(t, ask("annas"), "otto", "", false), "for another one of that team")
	require.NoError(t, f.attempt(t, write{kind: "Agreement", name: "new", text: head("accord/v1", "Agreement", "new") + strings.NewReplacer("payments", "strangers", "checkout", "search").Replace(pact)}, "mallory", "", false))
	w := ask("annas")
	w.name, w.text = "y", strings.NewReplacer("{name: x}", "{name: y}", "[a]", "[new]").Replace(w.text)
	require.NoError(t, f.attempt(t, w, "anna", "", false), "where payments has no part")
}

// Whoever joins a party speaks in all of its agreements.
func TestTheFirstMembersOfAPartyTakeOneOfEachAgreement(t *testing.T) {
	first := write{kind: "Team", name: "search", old: "{}", new: "{members: [mallory]}"}
	f := folderOf(t, companyFiles)
	require.NoError(t, f.attempt(t, write{kind: "Agreement", name: "new", text: head("accord/v1", "Agreement", "new") + strings.NewReplacer("payments", "strangers", "checkout", "search").Replace(pact)}, "mallory", "", false))
	refused(t, Forbidden, "name the first members of a party of b", f.attempt(t, first, "mallory", "", false))
	refused(t, Forbidden, "name the first members of a party of c", f.attempt(t, first, "anna", "", false))
	files := maps.Clone(companyFiles)
	files["agreements.yaml"] = strings.Replace(files["agreements.yaml"], "consumers: [search]\n", "consumers: [checkout]\n", 1)
	require.NoError(t, folderOf(t, files).attempt(t, first, "anna", "", false))
}

// With a text too many, the last files of a folder would not be read any more.
func TestAFolderDoesNotOutgrowItsLimit(t *testing.T) {
	f := folderOf(t, companyFiles)
	size := 0
	for _, text := range companyFiles {
		size += len(text)
	}
	fresh := write{kind: "Team", name: "new", text: head("accord/v1", "Team", "new") + "spec: {}\n"}
	fill := func(bytes int) {
		for i := 0; bytes > 0; i++ {
			length := min(bytes, document.MaxFileBytes)
			require.NoError(t, os.WriteFile(filepath.Join(f.Dir, fmt.Sprintf("filling-%d.yaml", i)), slices.Repeat([]byte("#"), length), 0o600))
			bytes -= length
		}
		f.Live = catalog.NewLive(f.Dir, catalog.Options{}, nil)
	}
	fill(document.MaxFolderBytes - size - len(fresh.text) + 1)
	refused(t, Invalid, "with it the folder has up to 67108865 bytes; the limit is 67108864", f.attempt(t, fresh, "mallory", "", false))
	fill(document.MaxFolderBytes - size - len(fresh.text))
	require.NoError(t, f.attempt(t, fresh, "mallory", "", false))
}

// Nobody knows which teams are in a file that cannot be read.
func TestATeamIsNotMadeWhileAFileCannotBeRead(t *testing.T) {
	fresh := write{kind: "Team", name: "new", text: head("accord/v1", "Team", "new") + "spec: {members: [mallory]}\n"}
	for name, text := range map[string]string{"lost.yaml": "kind: [", "foreign.yaml": "hello\n"} {
		f := folderOf(t, companyFiles)
		require.NoError(t, os.WriteFile(filepath.Join(f.Dir, name), []byte(text), 0o600))
		refused(t, Forbidden, name+" cannot be read, and may hold a team new: mend that file first, or leave this to an Admin", f.attempt(t, fresh, "mallory", "", false))
		require.NoError(t, f.attempt(t, fresh, "mallory", "", true))
	}
	f := folderOf(t, companyFiles)
	require.NoError(t, os.Symlink("nowhere", filepath.Join(f.Dir, "holidays.ics")))
	require.NoError(t, f.attempt(t, fresh, "mallory", "", false), "an .ics file holds none")
}

// An agreement whose parties cannot be read is for its file, unless nobody lists
// members.
func TestAnAgreementOfHiddenParties(t *testing.T) {
	mended := write{kind: "Agreement", name: "unread", text: head("accord/v1", "Agreement", "unread") + strings.Replace(pact, "payments", "strangers", 1)}
	refused(t, Forbidden, "to mend the agreement unread takes a member of one of its parties, which cannot be read: mend it in its file",
		folderOf(t, companyFiles).attempt(t, mended, "mallory", "", true))
	open := maps.Clone(companyFiles)
	open["teams.yaml"] = ""
	for _, name := range []string{"payments", "checkout", "search", "strangers"} {
		open["teams.yaml"] += "---\n" + head("accord/v1", "Team", name) + "spec: {}\n"
	}
	f := folderOf(t, open)
	require.NoError(t, f.attempt(t, mended, "mallory", "", false))
	require.NoError(t, f.attempt(t, write{kind: "Agreement", name: "a"}, "mallory", "", false), "where no team lists members all may")
	require.NoError(t, f.attempt(t, write{kind: "Team", name: "search", old: "{}", new: "{members: [mallory]}"}, "mallory", "", false))
}

// protected is what the agreements of the company promise, and who is a member
// of its parties: without names and descriptions, and exclusions without effect.
func protected(t testing.TB, f *Folder) map[string]string {
	t.Helper()
	c := f.catalog(t)
	all := map[string]string{}
	for _, a := range c.Agreements {
		promise := *a
		promise.DisplayName, promise.Description, promise.Labels, promise.Annotations, promise.Exclusions = "", "", nil, nil, nil
		for _, x := range a.Exclusions {
			if x.HasEffectIn(a) {
				promise.Exclusions = append(promise.Exclusions, x)
			}
		}
		all[a.Name] = agreement.Canonical(promise)
	}
	seen := map[string]string{}
	for _, name := range []string{"a", "b", "bad", "mistyped", "unread", "c", "over"} {
		seen[name] = all[name]
	}
	for _, name := range []string{"payments", "checkout", "search", "legal", "ops", "night", "hidden"} {
		if team := c.Teams[name]; team != nil {
			seen["members of "+name] = strings.Join(team.Members, " ")
		}
	}
	return seen
}

// aWrite draws a write that somebody may try who wants another figure.
func aWrite(t *rapid.T) write {
	pick := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
	teamNames := []string{"payments", "checkout", "search", "legal", "strangers", "ops", "night", "hidden", "new"}
	team := func() string { return pick("team", teamNames...) }
	agreements := []string{"a", "b", "draft", "bad", "mistyped", "unread", "c", "over", "new"}
	var kind, name, spec string
	switch kind = pick("kind", "Team", "Exclusion", "Agreement", "SLO", "SLI", "Calendar", "DataSource", "AlertCondition"); kind {
	case "Team":
		name, spec = team(), pick("members", "{}", "{members: [mallory]}", "{members: [anna, mallory]}", "{members: [otto], colour: red}")
	case "Exclusion":
		name = pick("name", "upgrade", "wish", "new")
		spec = fmt.Sprintf("{%s, from: 2026-11-07T02:00:00Z, to: 2026-11-07T0%s:00:00Z, requestedBy: %s%s%s}", pick("of", "services: [api]", "agreements: [a, b]"),
			pick("to", "3", "4"), team(), pick("approved", "", ", approvedBy: "+team()), pick("mode", "", ", mode: good", ", recurrence: FREQ=DAILY"))
	case "Agreement":
		name = pick("name", agreements...)
		spec = fmt.Sprintf("{service: api, provider: %s, consumers: [%s], objectives: [{name: up, slo: availability%s}]%s%s}", team(), team(), pick("target", "", ", target: 0.5"),
			pick("stage", "", ", stage: draft", ", stage: retired"), pick("error", "", ", colour: red"))
	case "SLO":
		name = "availability"
		spec = "{service: api, indicatorRef: up, timeWindow: [{duration: " + pick("window", "30d", "1d") +
			", isRolling: true}], budgetingMethod: Occurrences, objectives: [{displayName: up, target: 0.95}]}"
	case "SLI":
		name, spec = "up", "{thresholdMetric: {metricSource: {type: Prometheus, spec: {query: up}}}}"
	case "Calendar":
		name, spec = "office", `{weekly: [{days: [tue], from: "08:00", to: "18:00"}]}`
	case "DataSource":
		name, spec = "metrics", "{type: Datadog, connectionDetails: {}}"
	case "AlertCondition":
		name, spec = "fast", "{severity: page, condition: {kind: burnrate, op: gte, threshold: 1, lookbackWindow: 1h, alertAfter: 5m}}"
	}
	version := "accord/v1"
	if kind != "Team" && kind != "Exclusion" && kind != "Agreement" && kind != "Calendar" {
		version = "openslo/v1"
	}
	text := head(version, kind, name) + "spec: " + spec + "\n"
	switch pick("how", "write", "write", "carry", "delete", "hide") {
	case "carry":
		return inService(pick("service", "aa", "zz"), text)
	case "delete":
		text = ""
	case "hide": // a document that others are told of, and this program is not
		text = strings.Replace(text, "{name: "+name+"}", "{name: "+name+", annotations: {accord/objective: up}}", 1)
	}
	return write{kind: kind, name: name, text: text}
}

func TestNoSequenceOfWritesByStrangersChangesAPromise(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := folderOf(t, companyFiles)
		if rapid.Bool().Draw(rt, "a file is broken") {
			require.NoError(rt, os.WriteFile(filepath.Join(f.Dir, "broken.yaml"), []byte("kind: ["), 0o600))
		}
		before := protected(t, f)
		for range rapid.IntRange(1, 12).Draw(rt, "writes") {
			w := aWrite(rt)
			err := f.attempt(t, w, "mallory", "mallory@example.org", false)
			if r := new(Refusal); err == nil {
				require.Equal(rt, before, protected(t, f), "%s", w)
			} else if !errors.As(err, &r) {
				rt.Fatal(w, err)
			}
		}
	})
}

// What is said in the name of a team while a document has errors gets its effect when
// those are mended, here or in another document.
func TestNobodySpeaksForATeamWhileADocumentHasErrors(t *testing.T) {
	files := maps.Clone(companyFiles)
	files["agreements.yaml"] = strings.NewReplacer("{from: 2026-01-01}", "{from: 2026-01-01, to: 2027-01-01}", "agreements: [b]", "agreements: [none]").Replace(files["agreements.yaml"])
	for _, c := range []struct {
		write
		login, said string
	}{
		{write{kind: "Agreement", name: "a", old: "{team: payments", new: "{team: checkout, name: Ben, on: 2026-01-01}, {team: payments"}, "anna", "to sign for checkout"},
		{write{kind: "Agreement", name: "a", old: "target: 0.97", new: "target: 0.5"}, "anna", "to approve a revision for checkout"},
		{write{kind: "Exclusion", name: "wish", old: "payments}", new: "payments, approvedBy: checkout}"}, "anna", "to approve the exclusion for checkout"},
		{write{kind: "Agreement", name: "a", old: ", to: 2027-01-01", new: ""}, "mallory", "mend the agreement a"},
	} {
		refused(t, Forbidden, c.said, folderOf(t, files).attempt(t, c.write, c.login, "", false))
	}
	require.NoError(t, folderOf(t, files).attempt(t, write{kind: "Agreement", name: "a", old: ", to: 2027-01-01", new: ""}, "anna", "", false),
		"what others have signed stays when a party mends the rest")
}

// While nobody knows who is a member of a party, nobody is taken for one.
func TestPartiesWhoseTeamsCannotBeRead(t *testing.T) {
	const unread = "there is no team payments, or its file cannot be read: mend that first"
	for name, of := range map[string]struct{ teams, slo string }{
		"a conflict": {"<<<<<<< HEAD\n" + companyFiles["teams.yaml"], "mallory is not among the members of payments or checkout"}, // some are read
		"no UTF-8":   {"\xff\xfe" + companyFiles["teams.yaml"], unread},
		"gone":       {"", unread},
	} {
		t.Run(name, func(t *testing.T) {
			files := maps.Clone(companyFiles)
			files["teams.yaml"] = of.teams
			files["strangers.yaml"] = head("accord/v1", "Team", "mal") + "spec: {members: [mallory]}\n---\n" + head("accord/v1", "Team", "other") + "spec: {}\n"
			f := folderOf(t, files)
			for _, w := range []write{
				{kind: "Agreement", name: "b", text: head("accord/v1", "Agreement", "b") + "spec: {service: api, provider: mal, consumers: [other], objectives: [{name: up, slo: availability}]}\n"},
				{kind: "SLO", name: "availability", old: "0.95", new: "0.5"},
			} {
				said := map[string]string{"Agreement": unread, "SLO": of.slo}[w.kind]
				refused(t, Forbidden, "takes a member of one of its parties, and "+said, f.attempt(t, w, "mallory", "", true))
			}
		})
	}
}

// Where no team lists members and all can be read, a misspelled party is mended by all.
func TestAMisspelledPartyWhereNobodyListsMembers(t *testing.T) {
	files := maps.Clone(companyFiles)
	files["teams.yaml"] = head("accord/v1", "Team", "payments") + "spec: {}\n---\n" + head("accord/v1", "Team", "checkout") + "spec: {}\n"
	files["agreements.yaml"] = head("accord/v1", "Agreement", "a") + strings.NewReplacer("payments", "paymnts", "[checkout]", "[chekout]").Replace(pact)
	mended := write{kind: "Agreement", name: "a", text: head("accord/v1", "Agreement", "a") + pact}
	require.NoError(t, folderOf(t, files).attempt(t, mended, "mallory", "", false))
	files["lost.yaml"] = "kind: ["
	refused(t, Forbidden, "its file cannot be read: mend that first", folderOf(t, files).attempt(t, mended, "mallory", "", false))
}

func TestMembersAreAsGrafanaKnowsThem(t *testing.T) {
	for member, is := range map[string]bool{"susi": true, "SUSI": true, "Susi@Example.org": true, "ſuſi": false, "": false, "su": false} {
		require.Equal(t, is, User{Login: "Susi", Email: "susi@example.org"}.IsMember([]string{member}), member)
	}
}
