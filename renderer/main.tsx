import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
// In a layer of its own: what the page says of itself counts, in whatever order its files come.
import '@mantine/core/styles.layer.css';
import 'virtual:theme-variables.css';
import './theme/base.css';
import './theme/forced-colors.css';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { carrierFor } from './bridge/carriers.ts';
import { connect } from './bridge/connection.ts';

const root = document.getElementById('root');
if (!root) throw new Error('the page has no root');
createRoot(root).render(<App connection={connect(carrierFor(window))} />);
