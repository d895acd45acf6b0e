package editing

import (
	"context"
	"os"
	"path/filepath"
	"strings"
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
		require.NoError(t, os.Chmod(filepath.Dir(path), 0o755)) // whatever the umask is
		require.NoError(t, os.Chmod(path, 0o640))
	}
	return &Folder{Dir: dir, Live: catalog.NewLive(dir, catalog.Options{}, nil), Now: func() time.Time { return time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC) }}
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

// names are all entries of the folder but the audit log and the lock.
func (f *Folder) names(t testing.TB) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(f.Dir)
	require.NoError(t, err)
	for _, e := range entries {
		if e.Name() != AuditLog && e.Name() != catalog.LockFile {
			names = append(names, e.Name())
		}
	}
	return names
}

func (f *Folder) catalog(t testing.TB) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Load(ctx, f.Dir, catalog.Options{})
	require.NoError(t, err)
	return c
}

func (f *Folder) read(t testing.TB, id catalog.ID) *Document {
	t.Helper()
	d, err := f.Read(f.catalog(t), id)
	require.NoError(t, err)
	return d
}

func (f *Folder) putOne(ctx context.Context, who User, id catalog.ID, typed []byte, when Condition) (*Document, error) {
	put, err := f.Put(ctx, who, when, Text{id, string(typed)})
	if err != nil {
		return nil, err
	}
	return put[0], nil
}

func knowing(d *Document) Condition { return Condition{Hash: d.Hash} }

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
	put, err := f.putOne(ctx, User{Login: "anna"}, team("checkout"), []byte(typed), knowing(found))
	require.NoError(t, err)
	require.Equal(t, strings.Replace(payments, string(found.Text), typed, 1), f.text(t, "payments.yaml"))
	again := f.read(t, team("checkout"))
	require.Equal(t, typed, string(again.Text))
	require.Equal(t, put.Listed, again.Listed, "what Put answers is what is read after it")
	c, err := catalog.Load(ctx, f.Dir, catalog.Options{})
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
	put, err := f.putOne(ctx, User{Login: "anna"}, catalog.ID{Kind: "Service", Name: "search"}, []byte(text), Condition{New: true})
	require.NoError(t, err)
	require.Equal(t, "services/service-search.yaml", put.File)
	require.Equal(t, text, f.text(t, put.File))

	_, err = f.putOne(ctx, User{Login: "anna"}, team("search"), []byte(strings.Replace(b, "{name: b}", "{name: search}", 1)), Condition{New: true})
	require.NoError(t, err)
	require.Contains(t, f.names(t), "team-search.yaml")

	require.NoError(t, os.WriteFile(filepath.Join(f.Dir, "team-b.yaml"), []byte("# another's notes\n"), 0o600))
	put, err = f.putOne(ctx, User{Login: "anna"}, team("b"), []byte(b), Condition{New: true})
	require.NoError(t, err)
	require.Equal(t, "team-b-2.yaml", put.File, "a file that is there is not touched")
}

func TestADocumentIsDeletedFromItsFile(t *testing.T) {
	f := company(t)
	upgrade := catalog.ID{Kind: "Exclusion", Name: "upgrade"}
	require.NoError(t, f.Delete(ctx, User{Login: "anna"}, upgrade, knowing(f.read(t, upgrade))))
	require.Equal(t, payments[:strings.LastIndex(payments, "---\n")], f.text(t, "payments.yaml"))
	api := catalog.ID{Kind: "Service", Name: "payments-api"}
	require.NoError(t, f.Delete(ctx, User{Login: "anna"}, api, knowing(f.read(t, api))))
	require.NoFileExists(t, filepath.Join(f.Dir, "services/api.yaml"), "nothing else was in it")
	refused(t, Absent, `there is no Service "payments-api"`, f.Delete(ctx, User{Login: "anna"}, api, Condition{New: true}))
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
		"another hash":  {team("checkout"), Condition{Hash: "0"}, Changed, "has changed since you read it"},
		"none, new":     {team("b"), Condition{}, Unconditional, "send If-None-Match: *"},
		"gone":          {team("b"), Condition{Hash: found.Hash}, Changed, "no longer there"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.putOne(ctx, User{Login: "anna"}, c.id, []byte(strings.Replace(b, "{name: b}", "{name: "+c.id.Name+"}", 1)), c.when)
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
	_, err := f.putOne(ctx, User{Login: "anna"}, team("checkout"), []byte(typed), knowing(found))
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
			_, err := f.putOne(ctx, User{Login: "anna"}, team("payments"), []byte(c.typed), knowing(found))
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
	r := refused(t, Invalid, "is not deleted, since that causes an error: payments.yaml:", f.Delete(ctx, User{Login: "anna"}, api, knowing(f.read(t, api))))
	require.Contains(t, r.Problems[0].Message, `no Team is named "payments"`)
	require.Equal(t, payments, f.text(t, "payments.yaml"))
}

// A document with an error can be mended step by step, but not made worse.
func TestADocumentWithErrorsCanBeMended(t *testing.T) {
	bad := "apiVersion: accord/v1\nkind: Team\nmetadata: {name: b}\nspec: {colour: red, size: big}\n"
	f := folderOf(t, map[string]string{"b.yaml": bad})
	better := strings.Replace(bad, ", size: big", "", 1)
	_, err := f.putOne(ctx, User{Login: "anna"}, team("b"), []byte(better), knowing(f.read(t, team("b"))))
	require.NoError(t, err)
	_, err = f.putOne(ctx, User{Login: "anna"}, team("b"), []byte(bad), knowing(f.read(t, team("b"))))
	refused(t, Invalid, "spec.size", err)
}

func TestReadingADocument(t *testing.T) {
	f := company(t)
	_, err := f.Read(f.catalog(t), team("payment"))
	refused(t, Absent, `there is no Team "payment" (did you mean payments?)`, err)
	found := f.read(t, team("payments"))
	assert.Equal(t, document.Hash(found.Text), found.Hash)
	assert.Equal(t, "payments.yaml", found.File)
}

// A folder of Kubernetes manifests may have a Service of the same name, above or in another file.
func TestADocumentOfAnotherProgramIsNotTakenForOneOfItsName(t *testing.T) {
	const manifest = "apiVersion: v1\nkind: Service\nmetadata: {name: payments-api}\nspec: {ports: [{port: 80}]}\n"
	f := folderOf(t, map[string]string{"a.yaml": manifest, "services.yaml": manifest + "---\n" + service})
	require.NoError(t, f.Live.Reread(ctx))
	c, err := f.Live.Now(ctx)
	require.NoError(t, err)
	require.Len(t, c.Services, 1)
	id := catalog.ID{Kind: "Service", Name: "payments-api"}
	read, err := f.Read(c, id)
	require.NoError(t, err)
	require.Equal(t, service, string(read.Text))
	require.Equal(t, c.Listed[0].Hash, read.Hash)

	edited := strings.Replace(service, "{}", "{description: Pays}", 1)
	put, err := f.Put(ctx, User{}, Condition{Hash: read.Hash}, Text{id, edited})
	require.NoError(t, err)
	require.Equal(t, 6, put[0].Line)
	require.Equal(t, manifest+"---\n"+edited, f.text(t, "services.yaml"))
	require.NoError(t, f.Delete(ctx, User{}, id, Condition{Hash: put[0].Hash}))
	require.Equal(t, manifest, f.text(t, "services.yaml"))
}

func TestADocumentInAFileOfAnyNameIsEdited(t *testing.T) {
	f := folderOf(t, map[string]string{"document.yaml": service + "---\napiVersion: accord/v1\nkind: Team\nmetadata: {name: t}\nspec: {colour: red}\n"})
	require.NoError(t, f.Live.Reread(ctx))
	c, err := f.Live.Now(ctx)
	require.NoError(t, err)
	id := catalog.ID{Kind: "Service", Name: "payments-api"}
	read, err := f.Read(c, id)
	require.NoError(t, err)
	put, err := f.Put(ctx, User{}, Condition{Hash: read.Hash}, Text{id, strings.Replace(service, "{}", "{description: Pays}", 1)})
	require.NoError(t, err)
	require.Equal(t, "document.yaml", put[0].File)
	outcome, err := f.Live.Propose(ctx, catalog.Proposal{Text: []byte(service)})
	require.NoError(t, err)
	require.Empty(t, outcome.Problems, "those of the file are not of the text")
}
