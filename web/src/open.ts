import './styles/fonts.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/map_frame.css';

import { mount } from 'svelte';

import { language } from './i18n/language.svelte.ts';
import { readOpenAddress } from './open/address.ts';
import { view } from './open/open_view.svelte.ts';
import OpenPage from './open/OpenPage.svelte';

const address = readOpenAddress(location.search);
language.start(address.lang);
void view.open(address);
// The map is the largest part: it comes while the first answers are awaited.
void import('./map/open_map.ts').catch(() => undefined);

mount(OpenPage, { target: document.getElementById('app') as HTMLElement });
