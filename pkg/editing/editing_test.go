package editing

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/catalog/document"
)

const service = "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: payments-api}\nspec: {}\n"

const payments = `# The payments team and what it promises.

apiVersion: accord/v1
kind: Team
metadata: {name: payments} # provider
spec:
  contacts:
    - {name: oncall, type: email, target: payments@example.org}

---
# Checkout buys.
apiVersion: accord/v1
kind: Team
metadata: {name: checkout}
spec: {}
---
apiVersion: accord/v1
kind: Exclusion
metadata: {name: upgrade}
spec:
  reason: Upgrade
  services: [payments-api]
  from: 2026-11-08T02:00:00Z
  to: 2026-11-08T04:00:00Z
  requestedBy: payments`

var ctx = context.Background()

func folderOf(t testing.TB, files map[string]string) *Folder {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o640))
	}
	return &Folder{Dir: dir, Now: func() time.Time { return time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC) }}
}

func company(t testing.TB) *Folder {
	return folderOf(t, map[string]string{"payments.yaml": payments, "services/api.yaml": service})
}

func (f *Folder) text(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(f.Dir, name))
	require.NoError(t, err)
	return string(text)
}

// names are all entries of the folder but the audit log.
func (f *Folder) names(t testing.TB) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(f.Dir)
	require.NoError(t, err)
	for _, e := range entries {
		if e.Name() != AuditLog {
			names = append(names, e.Name())
		}
	}
	return names
}

func (f *Folder) read(t testing.TB, id catalog.ID) *Document {
	t.Helper()
	d, err := f.Read(ctx, id)
	require.NoError(t, err)
	return d
}

func knowing(d *Document) Condition { return Condition{Hashes: []string{d.Hash}} }

func refused(t testing.TB, reason Reason, said string, err error) *Refusal {
	t.Helper()
	var r *Refusal
	require.ErrorAs(t, err, &r)
	require.Equal(t, reason, r.Reason, r.Message)
	require.Contains(t, r.Message, said)
	return r
}

func TestADocumentIsChangedInItsFile(t *testing.T) {
	f := company(t)
	found := f.read(t, team("checkout"))
	require.Equal(t, "# Checkout buys.\napiVersion: accord/v1\nkind: Team\nmetadata: {name: checkout}\nspec: {}\n", string(found.Text))
	typed := strings.Replace(string(found.Text), "spec: {}", "spec:\n  members: [anna] # since 2026", 1)
	put, err := f.Put(ctx, "anna", team("checkout"), []byte(typed), knowing(found))
	require.NoError(t, err)
	require.Equal(t, strings.Replace(payments, string(found.Text), typed, 1), f.text(t, "payments.yaml"))
	again := f.read(t, team("checkout"))
	require.Equal(t, typed, string(again.Text))
	require.Equal(t, put.Listed, again.Listed, "what Put answers is what is read after it")
	c, err := catalog.Load(ctx, f.Dir, f.Options)
	require.NoError(t, err)
	require.Equal(t, []string{"anna"}, c.Teams["checkout"].Members)
	info, err := os.Stat(filepath.Join(f.Dir, "payments.yaml"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o640), info.Mode().Perm(), "the file keeps its mode")
	require.Equal(t, []string{"payments.yaml", "services"}, f.names(t), "nothing is left behind")
}

func TestANewDocumentGoesBesideItsSiblings(t *testing.T) {
	f := company(t)
	text := "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: search}\nspec: {}\n"
	put, err := f.Put(ctx, "anna", catalog.ID{Kind: "Service", Name: "search"}, []byte(text), Condition{New: true})
	require.NoError(t, err)
	require.Equal(t, "services/service-search.yaml", put.File)
	require.Equal(t, text, f.text(t, put.File))

	_, err = f.Put(ctx, "anna", team("search"), []byte(strings.Replace(b, "{name: b}", "{name: search}", 1)), Condition{New: true})
	require.NoError(t, err)
	require.Contains(t, f.names(t), "team-search.yaml")

	require.NoError(t, os.WriteFile(filepath.Join(f.Dir, "team-b.yaml"), []byte("# another's notes\n"), 0o600))
	put, err = f.Put(ctx, "anna", team("b"), []byte(b), Condition{New: true})
	require.NoError(t, err)
	require.Equal(t, "team-b-2.yaml", put.File, "a file that is there is not touched")
}

func TestADocumentIsDeletedFromItsFile(t *testing.T) {
	f := company(t)
	upgrade := catalog.ID{Kind: "Exclusion", Name: "upgrade"}
	require.NoError(t, f.Delete(ctx, "anna", upgrade, knowing(f.read(t, upgrade))))
	require.Equal(t, payments[:strings.LastIndex(payments, "---\n")], f.text(t, "payments.yaml"))
	api := catalog.ID{Kind: "Service", Name: "payments-api"}
	require.NoError(t, f.Delete(ctx, "anna", api, knowing(f.read(t, api))))
	require.NoFileExists(t, filepath.Join(f.Dir, "services/api.yaml"), "nothing else was in it")
	refused(t, Absent, `there is no Service "payments-api"`, f.Delete(ctx, "anna", api, Condition{New: true}))
}

func TestConditions(t *testing.T) {
	f := company(t)
	found := f.read(t, team("checkout"))
	for name, c := range map[string]struct {
		id     catalog.ID
		when   Condition
		reason Reason
		said   string
	}{
		"none":          {team("checkout"), Condition{}, Unconditional, "send If-Match"},
		"new, there is": {team("checkout"), Condition{New: true}, Changed, "is there already, in payments.yaml:12"},
		"another hash":  {team("checkout"), Condition{Hashes: []string{"0", "1"}}, Changed, "has changed since you read it"},
		"none, new":     {team("b"), Condition{}, Unconditional, "send If-None-Match: *"},
		"gone":          {team("b"), Condition{Hashes: []string{found.Hash}}, Changed, "no longer there"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.Put(ctx, "anna", c.id, []byte(strings.Replace(b, "{name: b}", "{name: "+c.id.Name+"}", 1)), c.when)
			r := refused(t, c.reason, c.said, err)
			if c.reason == Changed && c.id == team("checkout") {
				require.Equal(t, found.Hash, r.Hash)
			}
		})
	}
	require.Equal(t, payments, f.text(t, "payments.yaml"))
	require.NoFileExists(t, filepath.Join(f.Dir, AuditLog))
}

// The hash is of the document's own bytes: a change beside it is no conflict,
// and is kept.
func TestAChangeBesideTheDocumentIsNoConflict(t *testing.T) {
	f := company(t)
	found := f.read(t, team("checkout"))
	changed := strings.Replace(payments, "Upgrade", "Big upgrade", 1)
	require.NoError(t, os.WriteFile(filepath.Join(f.Dir, "payments.yaml"), []byte(changed), 0o600))
	typed := strings.Replace(string(found.Text), "{}", "{members: [anna]}", 1)
	_, err := f.Put(ctx, "anna", team("checkout"), []byte(typed), knowing(found))
	require.NoError(t, err)
	require.Equal(t, strings.Replace(changed, string(found.Text), typed, 1), f.text(t, "payments.yaml"))
}

func TestABadDocumentIsNotWritten(t *testing.T) {
	f := company(t)
	found := f.read(t, team("payments"))
	for name, c := range map[string]struct{ typed, said, problem string }{
		"an unknown field":   {strings.Replace(string(found.Text), "contacts:", "contatcs:", 1), "2 errors, the first: document.yaml:5:3", "document.yaml:5:3: Team payments: spec.contatcs: unknown field (did you mean contacts?)"},
		"no YAML":            {"kind: [", "is not YAML", "document.yaml:2:1: is not YAML"},
		"another name":       {strings.Replace(string(found.Text), "{name: payments}", "{name: others}", 1), `the text is Team "others", and Team "payments" was to be written`, "document.yaml:1:1"},
		"two documents":      {string(found.Text) + "---\n" + b, "the text must be one document, got 2", "document.yaml:1:1"},
		"an unknown version": {strings.Replace(string(found.Text), "accord/v1", "accord/v2", 1), "is not read here", "document.yaml:1:1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.Put(ctx, "anna", team("payments"), []byte(c.typed), knowing(found))
			r := refused(t, Invalid, c.said, err)
			require.Contains(t, r.Problems[0].String(), c.problem)
		})
	}
	require.Equal(t, payments, f.text(t, "payments.yaml"))
	require.NoFileExists(t, filepath.Join(f.Dir, AuditLog))
}

func TestADocumentThatOthersNeedIsNotDeleted(t *testing.T) {
	f := company(t)
	api := catalog.ID{Kind: "Team", Name: "payments"}
	r := refused(t, Invalid, "is not deleted, since that causes an error: payments.yaml:", f.Delete(ctx, "anna", api, knowing(f.read(t, api))))
	require.Contains(t, r.Problems[0].Message, `no Team is named "payments"`)
	require.Equal(t, payments, f.text(t, "payments.yaml"))
}

// A document with an error can be mended step by step, but not made worse.
func TestADocumentWithErrorsCanBeMended(t *testing.T) {
	bad := "apiVersion: accord/v1\nkind: Team\nmetadata: {name: b}\nspec: {colour: red, size: big}\n"
	f := folderOf(t, map[string]string{"b.yaml": bad})
	better := strings.Replace(bad, ", size: big", "", 1)
	_, err := f.Put(ctx, "anna", team("b"), []byte(better), knowing(f.read(t, team("b"))))
	require.NoError(t, err)
	_, err = f.Put(ctx, "anna", team("b"), []byte(bad), knowing(f.read(t, team("b"))))
	refused(t, Invalid, "spec.size", err)
}

func TestEveryChangeIsInTheAuditLog(t *testing.T) {
	f := company(t)
	_, err := f.Put(ctx, "anna", team("b"), []byte(b), Condition{New: true})
	require.NoError(t, err)
	first := f.read(t, team("b"))
	_, err = f.Put(ctx, "ben", team("b"), []byte(strings.Replace(b, "{}", "{members: [ben]}", 1)), knowing(first))
	require.NoError(t, err)
	second := f.read(t, team("b"))
	f.interrupt = func(step string) error {
		if step == "replace" {
			return syscall.ENOSPC
		}
		return nil
	}
	require.ErrorContains(t, f.Delete(ctx, "cem", team("b"), knowing(second)), "team-b.yaml is not written: no space left on device")
	f.interrupt = nil
	require.NoError(t, f.Delete(ctx, "cem", team("b"), knowing(second)))
	head := `{"time":"2026-11-24T09:00:00Z","login":%q,"action":%q,"kind":"Team","name":"b","file":"team-b.yaml"%s}` + "\n"
	require.Equal(t,
		fmt.Sprintf(head, "anna", "create", `,"after":"`+first.Hash+`"`)+
			fmt.Sprintf(head, "ben", "change", `,"before":"`+first.Hash+`","after":"`+second.Hash+`"`)+
			fmt.Sprintf(head, "cem", "delete", `,"before":"`+second.Hash+`"`)+
			fmt.Sprintf(head, "cem", "delete", `,"before":"`+second.Hash+`","failed":"no space left on device"`)+
			fmt.Sprintf(head, "cem", "delete", `,"before":"`+second.Hash+`"`),
		f.text(t, AuditLog))
	c, err := catalog.Load(ctx, f.Dir, f.Options)
	require.NoError(t, err)
	require.Empty(t, c.Teams["b"], "the log is not read as a document")
}

// Whatever step fails, the old file is there, whole, and nothing else.
func TestAFailedWriteLeavesTheOldFile(t *testing.T) {
	for _, step := range []string{"written", "check", "audit", "replace"} {
		t.Run(step, func(t *testing.T) {
			f := company(t)
			found := f.read(t, team("checkout"))
			f.interrupt = func(at string) error {
				if at == step {
					return errors.New("the disk is on fire")
				}
				return nil
			}
			_, err := f.Put(ctx, "anna", team("checkout"), found.Text, knowing(found))
			require.ErrorContains(t, err, "the disk is on fire")
			require.Equal(t, payments, f.text(t, "payments.yaml"))
			require.Equal(t, []string{"payments.yaml", "services"}, f.names(t))
		})
	}
}

// Another process that writes between reading and writing is not overwritten.
func TestAWriterOfAnotherProcessIsNotOverwritten(t *testing.T) {
	f := company(t)
	found := f.read(t, team("checkout"))
	other := strings.Replace(payments, "Upgrade", "Downgrade", 1)
	f.interrupt = func(step string) error {
		if step == "check" {
			return os.WriteFile(filepath.Join(f.Dir, "payments.yaml"), []byte(other), 0o600)
		}
		return nil
	}
	_, err := f.Put(ctx, "anna", team("checkout"), found.Text, knowing(found))
	refused(t, Changed, "payments.yaml has changed while it was to be written", err)
	require.Equal(t, other, f.text(t, "payments.yaml"))

	f.interrupt = func(step string) error {
		if step == "check" {
			return os.WriteFile(filepath.Join(f.Dir, "team-b.yaml"), []byte("# mine\n"), 0o600)
		}
		return nil
	}
	_, err = f.Put(ctx, "anna", team("b"), []byte(b), Condition{New: true})
	refused(t, Changed, "team-b.yaml has changed", err)
	require.Equal(t, "# mine\n", f.text(t, "team-b.yaml"))
}

// Of two who write the same document at once one wins and the other is told;
// those who write different documents of one file both win.
func TestTwoWritersAtOnce(t *testing.T) {
	f := company(t)
	twin := &Folder{Dir: f.Dir, Now: f.Now} // another data source with the same folder
	found, other := f.read(t, team("checkout")), f.read(t, team("payments"))
	var wait sync.WaitGroup
	results := make([]error, 21)
	for i := range 20 {
		wait.Go(func() {
			by := []*Folder{f, twin}[i%2]
			_, results[i] = by.Put(ctx, "anna", team("checkout"), fmt.Appendf(nil, "%s# by %d\n", found.Text, i), knowing(found))
		})
	}
	wait.Go(func() {
		_, results[20] = f.Put(ctx, "ben", team("payments"), append(other.Text, "# by ben\n"...), knowing(other))
	})
	wait.Wait()
	won := 0
	for _, err := range results[:20] {
		if err == nil {
			won++
			continue
		}
		refused(t, Changed, "has changed since you read it", err)
	}
	require.Equal(t, 1, won)
	require.NoError(t, results[20])
	require.Contains(t, f.text(t, "payments.yaml"), "# by ben\n")
	require.Equal(t, 2, strings.Count(f.text(t, AuditLog), "\n"))
}

func TestAMountedConfigMapIsReadOnly(t *testing.T) {
	f := folderOf(t, map[string]string{"..1/b.yaml": b})
	require.NoError(t, os.Symlink("..1", filepath.Join(f.Dir, "..data")))
	require.NoError(t, os.Symlink("..data/b.yaml", filepath.Join(f.Dir, "b.yaml")))
	found := f.read(t, team("b"))
	_, err := f.Put(ctx, "anna", team("b"), []byte(b), knowing(found))
	refused(t, ReadOnly, "b.yaml is a link, as in a mounted ConfigMap", err)
	refused(t, ReadOnly, "is a link", f.Delete(ctx, "anna", team("b"), knowing(found)))
	refused(t, ReadOnly, "is a link", f.Writable("b.yaml"))
	require.Equal(t, b, f.text(t, "..1/b.yaml"))
}

func TestAReadOnlyFolder(t *testing.T) {
	f := folderOf(t, map[string]string{"b.yaml": b})
	found := f.read(t, team("b"))
	require.NoError(t, os.Chmod(f.Dir, 0o555))
	t.Cleanup(func() { _ = os.Chmod(f.Dir, 0o755) })
	asNobody(t, func() {
		_, err := f.Put(ctx, "anna", team("b"), []byte(b), knowing(found))
		refused(t, ReadOnly, "the folder of documents is read-only (permission denied)", err)
		_, err = f.Put(ctx, "anna", team("c"), []byte(strings.Replace(b, "{name: b}", "{name: c}", 1)), Condition{New: true})
		refused(t, ReadOnly, "read-only", err)
		refused(t, ReadOnly, "read-only", f.Delete(ctx, "anna", team("b"), knowing(found)))
	})
	require.Equal(t, b, f.text(t, "b.yaml"))
}

func TestNothingIsWrittenOutsideTheRoot(t *testing.T) {
	outside := folderOf(t, map[string]string{"b.yaml": b})
	root := folderOf(t, map[string]string{"slas/b.yaml": b})
	f := &Folder{Root: root.Dir, Dir: filepath.Join(root.Dir, "slas"), Now: root.Now}
	found := f.read(t, team("b"))
	_, err := f.Put(ctx, "anna", team("b"), append(found.Text, "# inside\n"...), knowing(found))
	require.NoError(t, err)

	// The folder is swapped for a link that leads out.
	require.NoError(t, os.Rename(f.Dir, f.Dir+".old"))
	require.NoError(t, os.Symlink(outside.Dir, f.Dir))
	found = outside.read(t, team("b"))
	_, err = f.Put(ctx, "anna", team("b"), []byte(b), knowing(found))
	refused(t, ReadOnly, "leads out of the folder that the operator has set aside", err)
	require.Equal(t, b, outside.text(t, "b.yaml"))
	require.Equal(t, []string{"b.yaml"}, outside.names(t))

	// A link within the root is followed.
	require.NoError(t, os.Remove(f.Dir))
	require.NoError(t, os.Symlink("slas.old", f.Dir))
	found = f.read(t, team("b"))
	_, err = f.Put(ctx, "anna", team("b"), []byte(b), knowing(found))
	require.NoError(t, err)
	require.Equal(t, b, root.text(t, "slas.old/b.yaml"))

	// A name is no path.
	evil := catalog.ID{Kind: "DataSource", Name: "../../evil"}
	put, err := f.Put(ctx, "anna", evil, []byte("apiVersion: openslo/v1\nkind: DataSource\nmetadata: {name: ../../evil}\nspec: {type: Prometheus, connectionDetails: {}}\n"), Condition{New: true})
	require.NoError(t, err)
	require.Equal(t, "datasource-------evil.yaml", put.File)
}

// A writer that is killed at any moment leaves the old or the new file.
func TestAKilledWriterLeavesAWholeFile(t *testing.T) {
	if dir := os.Getenv("ACCORD_TEST_WRITE"); dir != "" {
		writeForever(t, &Folder{Dir: dir, Now: time.Now})
	}
	f := company(t)
	for range 15 {
		writer := exec.Command(os.Args[0], "-test.run=^TestAKilledWriterLeavesAWholeFile$")
		writer.Env = append(os.Environ(), "ACCORD_TEST_WRITE="+f.Dir)
		out, err := writer.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, writer.Start())
		lines := bufio.NewScanner(out)
		for range 1 + time.Now().UnixNano()%7 { // at another moment each time
			require.True(t, lines.Scan())
		}
		require.NoError(t, writer.Process.Kill())
		_ = writer.Wait() // it was killed
		c, err := catalog.Load(ctx, f.Dir, f.Options)
		require.NoError(t, err)
		require.Equal(t, 4, c.Documents, "all documents are there: %v", c.Problems)
		require.True(t, strings.HasSuffix(f.text(t, "payments.yaml"), payments[strings.Index(payments, "---\n# Checkout"):]), "the rest is as it was")
		for line := range strings.Lines(f.text(t, AuditLog)) {
			require.True(t, json.Valid([]byte(line)), line)
		}
	}
}

func writeForever(t *testing.T, f *Folder) {
	for i := 0; ; i++ {
		found := f.read(t, team("payments"))
		text, _, _ := strings.Cut(string(found.Text), "# written")
		_, err := f.Put(ctx, "anna", team("payments"), fmt.Appendf(nil, "%s# written %s\n", text, strings.Repeat("x", i%7000)), knowing(found))
		require.NoError(t, err)
		fmt.Println(i)
	}
}

// asNobody runs the function with the file permissions of nobody, when the
// tests run as root, who may write everywhere.
func asNobody(t *testing.T, do func()) {
	t.Helper()
	if os.Getuid() != 0 {
		do()
		return
	}
	if runtime.GOOS != "linux" {
		t.Skip("SKIPPED: needs a user who is not root")
	}
	for at := t.TempDir(); len(at) > len(os.TempDir()); at = filepath.Dir(at) {
		_ = os.Chmod(at, 0o755)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // not unlocked: the thread ends with its goroutine
		if err := syscall.Setfsuid(65534); err != nil {
			t.Error(err)
			return
		}
		do()
	}()
	<-done
}

func TestReadingADocument(t *testing.T) {
	f := company(t)
	_, err := f.Read(ctx, team("payment"))
	refused(t, Absent, `there is no Team "payment" (did you mean payments?)`, err)
	found := f.read(t, team("payments"))
	assert.Equal(t, document.Hash(found.Text), found.Hash)
	assert.Equal(t, "payments.yaml", found.File)
}
