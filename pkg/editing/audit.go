package editing

import (
	"encoding/json"
	"os"
	"time"

	"github.com/accord-sla/accord/pkg/catalog"
)

// AuditLog is the file in the folder of documents that notes every change, one
// JSON object a line. It begins with a dot, so it is never read as a document.
const AuditLog = ".accord-audit.jsonl"

// entry is one line of the audit log.
type entry struct {
	Time   time.Time `json:"time"`
	Login  string    `json:"login"`
	Action string    `json:"action"` // create, change or delete
	catalog.ID
	File string `json:"file"`
	// Before and After are hashes of the document; empty where there is none.
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	// Failed is why a change that was noted was not made after all.
	Failed string `json:"failed,omitempty"`
}

// note adds a line, and makes sure that it is on the disk. A change is noted
// before it is made, so that none goes without; one that fails then is noted
// again with the reason.
func (f *Folder) note(root *os.Root, login string, c change, failed error) error {
	if err := f.step("note"); err != nil && failed == nil {
		return err
	}
	line := entry{Time: f.Now().UTC(), Login: login, Action: c.action, ID: c.id, File: c.file, Before: c.before, After: c.after}
	if failed != nil {
		line.Failed = cause(failed).Error()
	}
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	file, err := root.OpenFile(AuditLog, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640)
	if err != nil {
		return err
	}
	_, err = file.Write(append(text, '\n'))
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}
