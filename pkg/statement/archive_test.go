package statement_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/statement"
)

func TestAPeriodThatIsNotClosedIsRefused(t *testing.T) {
	c := startCompany(t)
	_, err := c.archive.Freeze(t.Context(), c.engine, c.agreement(subject), period(t, "2026-05"), statement.Order{By: "anna", Now: now})
	assert.EqualError(t, err, "2026-05 is not closed for payments-for-checkout: it ends on 1 June 2026 00:00 (Europe/Berlin), "+
		"and late samples are waited for until 1 June 00:10; freeze it then, or an earlier period such as 2026-04")
	for ahead, closed := range map[string]string{"2026-12": "2026-04", "2026-Q4": "2026-Q1", "2026-W40": "2026-W17"} {
		err = statement.Check(c.engine, c.agreement(subject), period(t, ahead))
		assert.ErrorContains(t, err, "freeze it then, or an earlier period such as "+closed, "of what is closed already")
	}
	_, err = c.archive.Freeze(t.Context(), c.engine, c.agreement(subject), period(t, "2026-03"), statement.Order{By: "anna", Now: now})
	assert.EqualError(t, err, "there is nothing to state of payments-for-checkout for 2026-03: the agreement began only on 1 April 2026")
	ended := *c.agreement(subject)
	ended.Effective.Until = time.Date(2026, 4, 1, 0, 0, 0, 0, ended.Zone)
	ended.Effective.From = ended.Effective.Until.AddDate(-1, 0, 0)
	assert.ErrorContains(t, statement.Check(c.engine, &ended, period(t, "2026-04")), "the agreement ended: its last day was 31 March 2026")
	assert.NoDirExists(t, filepath.Join(c.folder, "statements"))
}

func TestARestatementNamesTheOneItReplaces(t *testing.T) {
	c := startCompany(t)
	first := c.freeze(subject)
	april := period(t, "2026-04")
	order := statement.Order{By: "ben", Now: now, Restate: true, Reason: "The other party agreed"}
	again := func() (*statement.Statement, error) {
		return c.archive.Freeze(t.Context(), c.engine, c.agreement(subject), april, order)
	}
	_, err := again()
	require.True(t, editing.IsRefused(err, statement.Unchanged), err)

	c.change(func(text string) string { return text + another })
	second, err := again()
	require.NoError(t, err)
	assert.Equal(t, 2, second.Number)
	assert.Equal(t, &statement.Replaced{Number: 1, Digest: first.Digest, Reason: "The other party agreed"}, second.Replaces)
	assert.True(t, c.verify(second).Verified)

	_, _, err = c.archive.Read("2026-04", subject, -1)
	assert.EqualError(t, err, "there is no statement -1 of "+subject+" for 2026-04; the last is 2")
	last, err := c.archive.Last(april)
	require.NoError(t, err)
	assert.Equal(t, map[string]int{subject: 2}, last)
	entries, err := c.archive.List("2026-04", "")
	require.NoError(t, err)
	require.Len(t, entries, 2)
	assert.Equal(t, 2, entries[0].ReplacedBy)
	assert.Equal(t, "statements/2026-04/payments-for-checkout.2.json", entries[1].File)
	kept, _, err := c.archive.Read("2026-04", subject, 1)
	require.NoError(t, err)
	assert.Equal(t, first.Digest, kept.Digest, "the first one stands as it was")
	log, err := os.ReadFile(filepath.Join(c.folder, editing.AuditLog))
	require.NoError(t, err)
	assert.Equal(t, 4, strings.Count(string(log), `"action":"freeze"`), "each begins and ends")
}

// The list is made once for all agreements, and another process may freeze meanwhile.
func TestWhatWasFrozenSinceTheListWasMadeIsNotReplaced(t *testing.T) {
	c := startCompany(t)
	order := statement.Order{By: "anna", Now: now}
	var err error
	order.Last, err = c.archive.Last(period(t, "2026-04"))
	require.NoError(t, err)
	require.NotNil(t, order.Last)
	first := c.freeze(subject)
	order.By = "ben"
	got, err := c.archive.Freeze(t.Context(), c.engine, c.agreement(subject), period(t, "2026-04"), order)
	require.True(t, editing.IsRefused(err, statement.AlreadyFrozen), err)
	assert.Equal(t, first.Frozen, got.Frozen)
}

func TestTheNameOfAStatementIsNoPath(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "else.json"), []byte("{}"), 0o600))
	_, _, err := (&statement.Archive{Documents: &editing.Folder{Dir: dir}}).Read("2026-04", "../../else", 1)
	assert.EqualError(t, err, `no statement of "../../else" for 2026-04 has been frozen`)
}

// Viewers see the errors.
func TestAnErrorOfTheArchiveDoesNotSayWhereTheFolderIs(t *testing.T) {
	dir := t.TempDir()
	archive := &statement.Archive{Documents: &editing.Folder{Dir: dir}}
	folder := filepath.Join(dir, "statements")
	require.NoError(t, os.WriteFile(folder, nil, 0o600))
	_, err := archive.List("", "")
	assert.EqualError(t, err, "the statements cannot be read: not a directory")
	require.NoError(t, os.Remove(folder))
	require.NoError(t, os.MkdirAll(filepath.Join(folder, "2026-04"), 0o700))
	require.NoError(t, os.Symlink("/etc/passwd", filepath.Join(folder, "2026-04", "a.json")))
	const leads = "statements/2026-04/a.json cannot be read: it is a link that leads out of the folder of documents"
	entries, err := archive.List("", "")
	require.NoError(t, err)
	require.Len(t, entries, 1)
	assert.Equal(t, leads, entries[0].Error)
	_, _, err = archive.Read("2026-04", "a", 0)
	assert.EqualError(t, err, leads)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "2026-05"), nil, 0o600))
	_, err = archive.List("", "")
	assert.EqualError(t, err, "the statements of 2026-05 cannot be read: not a directory")
}

// To open a pipe is to wait for who writes it.
func TestAPipeInPlaceOfAStatementIsNotWaitedFor(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "statements", "2026-04"), 0o700))
	require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "statements", "2026-04", "a.json"), 0o600))
	entries, err := (&statement.Archive{Documents: &editing.Folder{Dir: dir}}).List("", "")
	require.NoError(t, err)
	require.Len(t, entries, 1)
	assert.Contains(t, entries[0].Error, "no regular file")
}

// Where Prometheus has forgotten the period, slots that were made up hold together.
func TestAnotherStatementThanTheOneThatIsKeptIsNamed(t *testing.T) {
	c := startCompany(t)
	s := c.freeze(subject)
	assert.Empty(t, texts(c.verify(s)))
	forged := *s
	forged.Alerts = nil
	made, err := statement.Freeze(forged.Content, forged.Frozen)
	require.NoError(t, err)
	assert.Contains(t, texts(c.verify(made)), "digest: its digest is "+made.Digest+", and statement 1 that is kept has "+s.Digest)
}

// freezeAndRestate returns the statement of a period and the one that replaces it, after an exclusion more.
func (c *company) freezeAndRestate() (first, second *statement.Statement) {
	first = c.freeze(subject)
	c.change(func(text string) string { return text + another })
	second, err := c.archive.Freeze(c.t.Context(), c.engine, c.agreement(subject), period(c.t, "2026-04"),
		statement.Order{By: "ben", Now: now, Restate: true, Reason: "The other party agreed"})
	require.NoError(c.t, err)
	return first, second
}

// A restatement names the digest of the one before: where that is kept, it is this one.
func TestARestatementOfAnotherStatementIsNamed(t *testing.T) {
	c := startCompany(t)
	first, second := c.freezeAndRestate()
	file := filepath.Join(c.folder, "statements", "2026-04", subject+".json")
	for name, of := range map[string]struct {
		change func(*statement.Statement)
		said   string
	}{
		"frozen anew":        {func(s *statement.Statement) { s.Definition.Description = "another" }, "digest: it replaces statement 1 with the digest " + first.Digest + ", and statement 1 that is kept has sha256:"},
		"frozen by somebody": {func(s *statement.Statement) { s.Frozen.By = "ben" }, ""},
	} {
		replaced := *first
		of.change(&replaced)
		made, err := statement.Freeze(replaced.Content, replaced.Frozen)
		require.NoError(t, err)
		for _, digest := range []string{made.Digest, first.Digest} { // made anew, and as it was
			made.Digest = digest
			text, err := made.Encode()
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(file, text, 0o600))
			assert.Contains(t, strings.Join(texts(c.verify(second)), "\n"), of.said, name)
			assert.Equal(t, of.said == "", c.verify(second).Verified, name)
		}
	}
	require.NoError(t, os.WriteFile(file, []byte("{"), 0o600))
	assert.Contains(t, strings.Join(texts(c.verify(second)), "\n"), "error: statement 1 that is kept could not be compared: ")
	require.NoError(t, os.Remove(file))
	assert.True(t, c.verify(second).Verified, "it may be kept elsewhere")
}

func TestTwoFreezersNeverBothWin(t *testing.T) {
	c := startCompany(t)
	of, s := c.agreement("payments-in-office-hours"), make(chan error, 4)
	var together sync.WaitGroup
	for range cap(s) {
		// Each has an archive of its own, as another process would.
		archive := &statement.Archive{Documents: &editing.Folder{Dir: c.folder, Now: c.archive.Documents.Now}}
		together.Go(func() {
			_, err := archive.Freeze(t.Context(), c.engine, of, period(t, "2026-04"), statement.Order{By: "anna", Now: now})
			s <- err
		})
	}
	together.Wait()
	close(s)
	won := 0
	for err := range s {
		if err == nil {
			won++
		} else {
			assert.True(t, editing.IsRefused(err, statement.AlreadyFrozen), err)
		}
	}
	assert.Equal(t, 1, won)
}

func TestStatementsAreNoDocuments(t *testing.T) {
	c := startCompany(t)
	before, err := catalog.Load(t.Context(), c.folder, catalog.Options{})
	require.NoError(t, err)
	c.freeze(subject)
	after, err := catalog.Load(t.Context(), c.folder, catalog.Options{})
	require.NoError(t, err)
	assert.Equal(t, before.Problems, after.Problems)
	assert.Equal(t, before.Documents, after.Documents)
}

func TestADamagedFileIsListedWithItsReason(t *testing.T) {
	c := startCompany(t)
	s := c.freeze(subject)
	file := filepath.Join(c.folder, "statements", "2026-04", subject+".json")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, text[:len(text)/2], 0o600))
	entries, err := c.archive.List("", "")
	require.NoError(t, err)
	require.Len(t, entries, 1)
	assert.Contains(t, entries[0].Error, "is not well-formed JSON")

	require.NoError(t, os.WriteFile(file, text, 0o600))
	renamed := filepath.Join(c.folder, "statements", "2026-04", "another.json")
	require.NoError(t, os.Rename(file, renamed))
	_, _, err = c.archive.Read("2026-04", "another", 0)
	assert.ErrorContains(t, err, "holds statement 1 of "+s.Agreement)
}

// As when it may be read again: nothing of that shows in its size and time.
func TestAFileThatCouldNotBeReadIsLookedAtAgain(t *testing.T) {
	c := startCompany(t)
	c.freeze(subject)
	file := filepath.Join(c.folder, "statements", "2026-04", subject+".json")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	for _, is := range []struct{ text, wrong string }{{strings.Repeat(" ", len(text)), "is not well-formed JSON"}, {string(text), ""}} {
		require.NoError(t, os.WriteFile(file, []byte(is.text), 0o600))
		require.NoError(t, os.Chtimes(file, now, now))
		entries, err := c.archive.List("", "")
		require.NoError(t, err)
		require.Len(t, entries, 1)
		assert.Equal(t, is.wrong == "", entries[0].Error == "")
		assert.Contains(t, entries[0].Error, is.wrong)
	}
}

func TestAFolderThatLeadsOutIsNotWrittenTo(t *testing.T) {
	c := startCompany(t)
	outside, of := t.TempDir(), c.agreement(subject)
	require.NoError(t, os.Symlink(outside, filepath.Join(c.folder, "statements")))
	_, err := c.archive.Freeze(t.Context(), c.engine, of, period(t, "2026-04"), statement.Order{By: "anna", Now: now})
	require.ErrorContains(t, err, "leads out of the folder")
	entries, err := os.ReadDir(outside)
	require.NoError(t, err)
	assert.Empty(t, entries)
}

// A page shows all statements of a period, of as many agreements as a folder may hold.
func TestAPeriodOfManyAgreementsIsListed(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "statements", "2026-10"), 0o755))
	for i := range 10_001 {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "statements", "2026-10", fmt.Sprintf("a-%d.json", i)), nil, 0o600))
	}
	entries, err := (&statement.Archive{Documents: &editing.Folder{Dir: dir}}).List("2026-10", "")
	require.NoError(t, err)
	assert.Len(t, entries, 10_001)
}

// Whoever edits a file by hand makes no figures with it, in no list and no restatement.
func TestAChangedFileIsNotListedNorRestated(t *testing.T) {
	c := startCompany(t)
	s := c.freeze(subject)
	c.change(func(text string) string { return text + another })
	file := filepath.Join(c.folder, "statements", "2026-04", subject+".json")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	changed := strings.Replace(string(text), `"state":"breached"`, `"state":"met"`, -1)
	require.NotEqual(t, string(text), changed)
	require.NoError(t, os.WriteFile(file, []byte(changed), 0o600))
	const said = "statements/2026-04/" + subject + ".json was changed after it was frozen: its digest is not that of what stands in it"
	entries, err := c.archive.List("2026-04", "")
	require.NoError(t, err)
	require.Len(t, entries, 1)
	assert.Equal(t, said, entries[0].Error)
	assert.Empty(t, entries[0].Objectives)
	for _, order := range []statement.Order{{By: "ben", Now: now}, {By: "ben", Now: now, Restate: true, Reason: "The other party agreed"}} {
		_, err = c.archive.Freeze(t.Context(), c.engine, c.agreement(subject), period(t, "2026-04"), order)
		assert.EqualError(t, err, said)
	}
	require.NoError(t, os.WriteFile(file, text, 0o600))
	entries, err = c.archive.List("2026-04", "")
	require.NoError(t, err)
	assert.Equal(t, s.Digest, entries[0].Digest)
}

// A statement in hand may be the one before the last, or one that somebody has taken away.
func TestVerifyingTellsOfTheOtherStatementsOfThePeriod(t *testing.T) {
	c := startCompany(t)
	first, second := c.freezeAndRestate()
	assert.Contains(t, c.verify(first).Notes, "statement 2 of the period replaces it")
	assert.Empty(t, c.verify(second).Notes)
	folder := filepath.Join(c.folder, "statements", "2026-04")
	require.NoError(t, os.Remove(filepath.Join(folder, subject+".json")))
	assert.Equal(t, []string{"there is no statement 1 of it in the folder of documents to compare it with"}, c.verify(second).Notes)
	require.NoError(t, os.Remove(filepath.Join(folder, subject+".2.json")))
	assert.Contains(t, c.verify(second).Notes, "there is no statement 2 of it in the folder of documents to compare it with")
}
