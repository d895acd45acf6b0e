package editing

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAChangeIsTriedInItsWholeFile(t *testing.T) {
	f := company(t)
	names := f.names(t)
	read := f.read(t, team("checkout"))
	file := f.text(t, read.File)
	text := strings.Replace(string(read.Text), "spec: {}", "spec: {members: [anna]}", 1)
	tried, err := f.Try(f.catalog(t), team("checkout"), []byte(text))
	require.NoError(t, err)
	assert.Equal(t, read.File, tried.File)
	assert.Equal(t, file, string(tried.Before))
	assert.Equal(t, strings.Replace(file, "metadata: {name: checkout}\nspec: {}", "metadata: {name: checkout}\nspec: {members: [anna]}", 1), string(tried.After))
	assert.Equal(t, file, f.text(t, read.File), "nothing is written")

	tried, err = f.Try(f.catalog(t), team("new"), []byte("apiVersion: accord/v1\nkind: Team\nmetadata: {name: new}\n"))
	require.NoError(t, err)
	assert.Equal(t, "team-new.yaml", filepath.Base(tried.File))
	assert.Nil(t, tried.Before)
	assert.Equal(t, names, f.names(t))

	_, err = f.Try(f.catalog(t), team("new"), []byte("apiVersion: accord/v1\nkind: Team\nmetadata: {name: other}\n"))
	refused(t, Invalid, `the text is Team "other", and Team "new" was to be tried`, err)
	_, err = f.Try(f.catalog(t), team("new"), []byte("kind: ["))
	refused(t, Invalid, "the text", err)
}

func TestAReadOnlyFileCanBeTried(t *testing.T) {
	f := company(t)
	read := f.read(t, team("checkout"))
	require.NoError(t, os.Chmod(filepath.Join(f.Dir, read.File), 0o400))
	_, err := f.Try(f.catalog(t), team("checkout"), read.Text)
	assert.NoError(t, err)
}
