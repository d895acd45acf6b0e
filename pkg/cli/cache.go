package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/counting"
)

func newCache(streams Streams) *cobra.Command {
	command := &cobra.Command{
		Use:   "cache",
		Short: "The counts that are kept between runs",
		Long: `What was counted of slots that are over is kept on disk, so that the next run asks
Prometheus only for what is new: in the folder of $ACCORD_CACHE_DIR, else in your
cache folder. There nothing is kept of a server on this machine, such as
localhost, which may be another one each time that a port is forwarded.

Commands that measure take --no-cache to do without.`,
	}
	addCommands(command, "cache has no command %q%s", newCacheDrop(streams))
	return command
}

func newCacheDrop(streams Streams) *cobra.Command {
	over := timeRange{time.Unix(0, 0), streams.Now()}
	command := &cobra.Command{
		Use:   "drop",
		Short: "Forget the counts",
		Long: `Forgets the counts that are kept, of all servers: after the past of a Prometheus was
filled in or mended. They are counted anew when they are needed.

A Grafana has its own: its page Findings has a button.`,
		Example: `  accord cache drop
  accord cache drop --from 2026-11-20 --to 2026-11-21`,
	}
	addFlag(command.Flags(), &over.from, "from", "", "first `INSTANT` to forget, such as 2026-11-01 (default all before --to)", readInstant)
	addFlag(command.Flags(), &over.to, "to", "", "last `INSTANT` (default now)", readInstant)
	command.RunE = func(*cobra.Command, []string) error {
		if err := over.check(); err != nil {
			return err
		}
		cache := counting.OpenCache("", "", counting.CacheVariable)
		if problem := cache.Problem(); problem != "" {
			return fmt.Errorf("nothing was forgotten: %s", problem)
		}
		if err := cache.Disk.Forget(over.from.UnixMilli(), over.to.UnixMilli()); err != nil {
			return err
		}
		fmt.Fprintln(streams.Out, "Forgotten. What is needed of it is counted anew.")
		return nil
	}
	return command
}
