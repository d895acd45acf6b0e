package httpapi

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/accord-sla/accord/pkg/catalog"
)

func TestALookIsSharedAndTheOneBeforeIsThereMeanwhile(t *testing.T) {
	l, c, at := &lastLook{}, &catalog.Catalog{}, time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	until := func(release chan struct{}, text string) func(context.Context, *catalog.Catalog) []Finding {
		return func(context.Context, *catalog.Catalog) []Finding {
			<-release
			return []Finding{{Text: text}}
		}
	}
	none := func(context.Context, *catalog.Catalog) []Finding { panic("it is looked again") }

	released := make(chan struct{})
	last, first := l.begin(c, at, until(released, "first"))
	assert.Nil(t, last)
	_, shared := l.begin(c, at.Add(10*time.Second), none)
	assert.Same(t, first, shared, "one look at a time")
	close(released)
	<-first.done
	last, newest := l.begin(c, at, none)
	assert.Same(t, first, last)
	assert.Same(t, first, newest, "nothing is newer")

	released = make(chan struct{})
	last, second := l.begin(c, at.Add(10*time.Second), until(released, "second"))
	assert.Equal(t, "first", last.found[0].Text)
	last, third := l.begin(&catalog.Catalog{}, at, until(released, "third"))
	assert.Nil(t, last, "what was found of other documents")
	last, _ = (&lastLook{finished: first}).begin(c, at.Add(time.Hour), until(released, "much later"))
	assert.Nil(t, last, "what was found an hour ago says little of now")
	close(released)
	<-second.done
	<-third.done
	assert.Equal(t, "third", l.finished.found[0].Text, "an older look does not take the place of a newer")
}
