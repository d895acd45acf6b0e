import '../publicPath';
import { DataSourcePlugin } from '@grafana/data';
import { ConfigEditor } from './ConfigEditor';
import { AccordDataSource } from './datasource';
import { Help } from './Help';
import { QueryEditor } from './QueryEditor';
import { type Options, type Query } from './types';

export const plugin = new DataSourcePlugin<AccordDataSource, Query, Options>(AccordDataSource)
  .setConfigEditor(ConfigEditor)
  .setQueryEditor(QueryEditor)
  .setQueryEditorHelp(Help);
