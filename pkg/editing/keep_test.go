package editing

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/catalog"
)

var kept = catalog.ID{Kind: "Statement", Name: "payments 2026-10"}

func keeper(dir string) *Folder { return &Folder{Dir: dir, Now: time.Now} }

func TestAFileIsKeptOnce(t *testing.T) {
	dir := t.TempDir()
	f := keeper(dir)
	require.NoError(t, f.Keep(ctx, "anna", "freeze", kept, "a/b/c.json", []byte("first")))
	require.True(t, IsRefused(f.Keep(ctx, "ben", "freeze", kept, "a/b/c.json", []byte("second")), Exists))
	text, err := os.ReadFile(filepath.Join(dir, "a/b/c.json"))
	require.NoError(t, err)
	assert.Equal(t, "first", string(text))
	log, err := os.ReadFile(filepath.Join(dir, AuditLog))
	require.NoError(t, err)
	assert.Equal(t, 2, strings.Count(string(log), "\n"), string(log))
	assert.Contains(t, string(log), `"login":"anna","action":"freeze","kind":"Statement","name":"payments 2026-10","file":"a/b/c.json"`)
}

// Whatever step fails, there is the whole file or none, and nothing beside it.
func TestAKeptFileIsWholeOrNotThere(t *testing.T) {
	for _, step := range []string{"begun", "written", "replace"} {
		dir := t.TempDir()
		f := keeper(dir)
		f.interrupt = func(at string) error {
			if at == step {
				return errors.New("no space left on device")
			}
			return nil
		}
		require.ErrorContains(t, f.Keep(ctx, "anna", "freeze", kept, "a/c.json", []byte("text")), "no space left", step)
		entries, err := os.ReadDir(filepath.Join(dir, "a"))
		require.NoError(t, err)
		assert.Empty(t, entries, step)
	}
}

// Somebody may be first between the look and the link.
func TestTheSlowerOneNeverOverwrites(t *testing.T) {
	dir := t.TempDir()
	f := keeper(dir)
	f.interrupt = func(at string) error {
		if at == "replace" {
			return os.WriteFile(filepath.Join(dir, "c.json"), []byte("theirs"), 0o600)
		}
		return nil
	}
	require.True(t, IsRefused(f.Keep(ctx, "anna", "freeze", kept, "c.json", []byte("ours")), Exists))
	text, err := os.ReadFile(filepath.Join(dir, "c.json"))
	require.NoError(t, err)
	assert.Equal(t, "theirs", string(text))
}

func TestNothingIsKeptOutsideTheRoot(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, "a")))
	for _, file := range []string{"../c.json", "a/c.json"} {
		require.Error(t, keeper(dir).Keep(ctx, "anna", "freeze", kept, file, []byte("text")), file)
	}
	entries, err := os.ReadDir(outside)
	require.NoError(t, err)
	assert.Empty(t, entries)
}
