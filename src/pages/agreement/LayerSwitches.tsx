import { sceneGraph, type SceneComponentProps, SceneDataLayerSet, SceneObjectBase } from '@grafana/scenes';
import { InlineSwitch, Stack } from '@grafana/ui';

/** Shows and hides what is marked in the charts. Scenes' own switches of a set of layers have no names. */
export class LayerSwitches extends SceneObjectBase {
  static readonly Component = ({ model }: SceneComponentProps<LayerSwitches>) => (
    <Stack wrap="wrap" gap={1}>
      {sceneGraph
        .getDataLayers(model)
        .flatMap((set) => (set instanceof SceneDataLayerSet ? set.state.layers : []))
        .map((layer) => (
          <LayerSwitch key={layer.state.key} layer={layer} />
        ))}
    </Stack>
  );

  constructor() {
    super({});
  }
}

function LayerSwitch({ layer }: { layer: SceneDataLayerSet['state']['layers'][number] }) {
  const { name, isEnabled } = layer.useState();
  return (
    <InlineSwitch
      id={`layer-${layer.state.key}`}
      label={name}
      showLabel
      value={isEnabled}
      onChange={() => layer.setState({ isEnabled: !isEnabled })}
    />
  );
}
