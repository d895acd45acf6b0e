import { LoadingState, PanelPlugin, type PanelData, type PanelProps, toDataFrame } from '@grafana/data';
import { type getRunRequest } from '@grafana/runtime';
import { catchError, from, map, of, startWith } from 'rxjs';

/** Stands where Grafana has a panel of its own: says what would be drawn. */
function Placeholder({ data }: PanelProps) {
  const points = data.series.reduce((sum, frame) => sum + frame.length, 0);
  return (
    <p>
      {data.series.length} series, {points} points
    </p>
  );
}

export const panelPlugins = {
  importPanelPlugin: async (id: string) => panelPlugin(id),
  getPanelPluginFromCache: panelPlugin,
};

const made = new Map<string, PanelPlugin>();

function panelPlugin(id: string): PanelPlugin {
  const known = made.get(id);
  if (known) {
    return known;
  }
  const plugin = new PanelPlugin(Placeholder);
  plugin.meta = { id, name: id, info: { version: '' } } as PanelPlugin['meta'];
  plugin.useFieldConfig();
  made.set(id, plugin);
  return plugin;
}

/** Runs the queries of a panel once, and gives their answer as panels have it. */
export const runRequest: ReturnType<typeof getRunRequest> = (datasource, request, queryFunction) => {
  const empty: PanelData = { state: LoadingState.Loading, series: [], timeRange: request.range, request };
  const answer = queryFunction ? queryFunction(request) : datasource.query(request);
  return from(answer).pipe(
    map(({ data, errors, error }): PanelData => {
      const all = [...(errors ?? []), ...(error ? [error] : [])];
      const series = data.map((frame) => toDataFrame(frame));
      return {
        ...empty,
        state: all.length ? LoadingState.Error : LoadingState.Done,
        series,
        errors: all,
        error: all[0],
      };
    }),
    catchError((thrown) => {
      const error = { message: thrown?.data?.message ?? thrown?.message ?? String(thrown) };
      return of({ ...empty, state: LoadingState.Error, errors: [error], error });
    }),
    startWith(empty),
  );
};
