import './styles/fonts.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/map_frame.css';

import { mount } from 'svelte';

import { fetchCity } from './api/client.ts';
import { csrfWord } from './api/csrf.ts';
import { language } from './i18n/language.svelte.ts';
import { readInsightAddress } from './insight/address.ts';
import { insight } from './insight/insight.svelte.ts';
import InsightApp from './insight/InsightApp.svelte';
import { desk } from './state/desk.svelte.ts';
import { session } from './state/session.svelte.ts';

const address = readInsightAddress(location.search);
language.start(address.lang);
insight.open(address);
void desk.city.load(fetchCity);
// The map is the largest part: whoever is signed in needs it before the first answers are there.
if (csrfWord() !== null) void import('./map/cell_map.ts').catch(() => undefined);
void session.look();

mount(InsightApp, { target: document.getElementById('app') as HTMLElement });
