import { UrlSyncContextProvider } from '@grafana/scenes';
import { useMemo } from 'react';
import { chartsScene, type ChartsOf } from './scene';

/** The charts of one objective. A separate file, so that Scenes are loaded only if they are shown. */
export default function Charts({ of }: { of: ChartsOf }) {
  const identity = JSON.stringify(of);
  const scene = useMemo(() => chartsScene(JSON.parse(identity)), [identity]);
  return (
    <UrlSyncContextProvider key={identity} scene={scene} updateUrlOnInit>
      <scene.Component model={scene} />
    </UrlSyncContextProvider>
  );
}
