import './styles/fonts.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/map_frame.css';

import { mount } from 'svelte';

import { csrfWord } from './api/csrf.ts';
import App from './App.svelte';
import { language } from './i18n/language.svelte.ts';
import { readAddress } from './state/address.ts';
import { desk } from './state/desk.svelte.ts';
import { layout } from './state/layout.svelte.ts';
import { afterTrip } from './state/round_trip.ts';
import { session } from './state/session.svelte.ts';

const { search, refusal } = afterTrip(location.search);
const address = readAddress(search);
language.start(address.lang);
layout.wall = address.wall;
desk.open(address);
// The map is the largest part: whoever is signed in needs it before the first answers are there.
if (csrfWord() !== null) void import('./map/desk_map.ts').catch(() => undefined);
session.refusal = refusal;
void session.look();

mount(App, { target: document.getElementById('app') as HTMLElement });
