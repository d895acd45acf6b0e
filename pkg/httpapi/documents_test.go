package httpapi_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// names are those of the rows of an answer.
func names(answer map[string]any) (all []string) {
	for _, row := range answer["rows"].([]any) {
		all = append(all, dig(row, "name").(string))
	}
	return all
}

func TestDocumentsAreListedByThePageWithWhatIsWrong(t *testing.T) {
	handler, o := writer(t, "Editor")
	team := func(name, more string) string {
		return "apiVersion: accord/v1\nkind: Team\nmetadata: {name: " + name + ", displayName: The " + name + "}\nspec: {" + more + "}\n---\n"
	}
	text := team("crew", "colour: red, contacts: [{name: a}]") + team("warned", `contacts: [{name: a, type: email, target: "a@b"}]`)
	for i := range 70 {
		text += team(fmt.Sprintf("many-%02d", i), "")
	}
	require.NoError(t, os.WriteFile(filepath.Join(o.Folder.Dir, "teams.yaml"), []byte(text), 0o600))
	get := func(query string) map[string]any {
		answer := send(handler, "GET", "/documents?"+query, "")
		require.Equal(t, http.StatusOK, answer.Code, answer.Body)
		return decoded(t, answer)
	}
	first := get("kind=Team&search=the+many")
	assert.Len(t, first["rows"], 50)
	assert.Equal(t, 70.0, first["total"])
	assert.Equal(t, "The many-00", dig(first, "rows", 0, "displayName"))
	assert.Len(t, get("kind=Team&search=the+many&page=2")["rows"], 20)
	assert.Equal(t, "many-69", names(get("search=the+many&sort=-displayName"))[0])
	assert.Contains(t, first["templates"], "Team")
	assert.Equal(t, map[string]any{"value": "Team", "label": "Team", "count": 70.0}, dig(first, "kinds", 0))

	worst := dig(get("sort=-errors"), "rows", 0)
	assert.Equal(t, "crew", dig(worst, "name"))
	assert.Equal(t, 3.0, dig(worst, "errors"))
	assert.Equal(t, "spec.colour: unknown field; known here: contacts, members", dig(worst, "problem"))
	assert.Contains(t, dig(get("search=many-01"), "rows", 0), "hash")
	assert.Equal(t, http.StatusBadRequest, send(handler, "GET", "/documents?sort=nme", "").Code)
}

func TestTheEditorIsToldWhatItNeeds(t *testing.T) {
	handler, _ := writer(t, "Editor")
	known := decoded(t, send(handler, "GET", "/editor/Agreement/approved", ""))
	assert.Equal(t, send(handler, "GET", "/documents/Agreement/approved", "").Body.String(), known["text"])
	assert.Equal(t, hashOf(t, handler, "Agreement", "approved"), known["hash"])
	assert.Equal(t, "slas.yaml", known["file"])
	assert.Equal(t, true, known["writable"])

	template := decoded(t, send(handler, "GET", "/editor/Team", ""))
	assert.Contains(t, template["text"], "kind: Team")
	assert.Equal(t, true, template["writable"])
	assert.Empty(t, template["hash"])
	missing := send(handler, "GET", "/editor/Teem", "")
	assert.Equal(t, http.StatusNotFound, missing.Code)
	assert.Contains(t, decoded(t, missing)["error"], "did you mean Team?")

	viewer, _ := writer(t, "Viewer")
	for _, path := range []string{"/editor/Agreement/approved", "/editor/Team"} {
		answer := decoded(t, send(viewer, "GET", path, ""))
		assert.Equal(t, false, answer["mayPropose"], path)
		assert.Regexp(t, `^You may read .* anna has the role "Viewer"\.$`, answer["reason"], path)
	}
}

func TestAValidationSaysWhichDocumentsItIsOf(t *testing.T) {
	handler, _ := writer(t, "Editor")
	agreement := send(handler, "GET", "/documents/Agreement/approved", "").Body.String()
	of := decoded(t, send(handler, "POST", "/validate", newTeam+"---\n"+agreement+"---\nkind: Team\n"))["documents"]
	require.Len(t, of, 2, "one without a name cannot be saved")
	byName := map[any]any{dig(of, 0, "name"): dig(of, 0), dig(of, 1, "name"): dig(of, 1)}
	assert.Empty(t, dig(byName["new"], "hash"))
	assert.Equal(t, true, dig(byName["new"], "writable"))
	assert.Equal(t, hashOf(t, handler, "Agreement", "approved"), dig(byName["approved"], "hash"))
	assert.Equal(t, "slas.yaml", dig(byName["approved"], "file"))
}

func TestAValidationSaysByWhichFileItMeansTheText(t *testing.T) {
	handler, o := frozen(t, "Editor")
	for _, file := range []string{"document.yaml", "proposed-document.yaml"} {
		answer := decoded(t, send(handler, "POST", "/validate", "{"))
		assert.Equal(t, []any{file, file}, []any{answer["file"], dig(answer, "problems", 0, "file")})
		require.NoError(t, os.WriteFile(filepath.Join(o.Folder.Dir, "document.yaml"), []byte(newTeam), 0o600))
		require.NoError(t, o.Folder.Live.Reread(t.Context()))
	}
}

func TestAPreviewSaysInWordsWhatWouldChange(t *testing.T) {
	handler, _ := measured(t)
	p := previewed(t, handler, excluded)
	difference := dig(p, "agreements", 0, "differences", 0)
	assert.Equal(t, true, dig(difference, "changes"))
	assert.Regexp(t, `^Over the last 90 days 99\.\d+% would have been good instead of 9\d\.\d+%\. Of the error budget .* would be left instead of `,
		dig(difference, "text"))
	assert.Equal(t, "Last 90 days", dig(difference, "periods", 0, "period"))
	assert.Equal(t, "November 2026", dig(difference, "periods", 4, "period"))
	assert.Equal(t, "met", dig(difference, "periods", 0, "before", "state"))
	assert.Equal(t, []any{map[string]any{"agreement": "none", "objective": "availability"}}, p["objectives"])

	agreement := send(handler, "GET", "/documents/Agreement/none", "").Body.String()
	same := previewed(t, handler, agreement)
	assert.Equal(t, false, dig(same, "agreements", 0, "differences", 0, "changes"))
	assert.Equal(t, "Over the last 90 days it would have made no difference.", dig(same, "agreements", 0, "differences", 0, "text"))
	assert.Len(t, same["objectives"], 1, "what is written can be tried with another target")
	p = previewed(t, handler, strings.Replace(agreement, "name: none", "name: next", 1))
	assert.Regexp(t, `^It is new\. Over the last 90 days .* was good, with a target of 98%: `, dig(p, "agreements", 0, "differences", 0, "text"))
	assert.Nil(t, dig(p, "agreements", 0, "differences", 0, "periods", 0, "before"))
}
