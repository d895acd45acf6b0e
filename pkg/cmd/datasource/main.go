// Datasource is the backend of the Grafana data source accord-sla-datasource.
package main

import (
	"log/slog"
	"os"
	"time"
	_ "time/tzdata" // time zones of agreements, even if the system has none

	"github.com/grafana/grafana-plugin-sdk-go/backend/datasource"
	"github.com/grafana/grafana-plugin-sdk-go/backend/log"

	accord "github.com/accord-sla/accord/pkg/datasource"
	"github.com/accord-sla/accord/pkg/slots"
)

func main() {
	slog.SetDefault(slog.New(accord.Log{}))
	slots.BoundGarbage()
	err := datasource.Manage(accord.ID, accord.Factory{Root: accord.Root(), Now: time.Now}.New, datasource.ManageOpts{})
	slots.CloseDisks()
	if err != nil {
		log.DefaultLogger.Error("The data source ends", "error", err)
		os.Exit(1)
	}
}
