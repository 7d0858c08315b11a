import './styles/fonts.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/map_frame.css';

import { mount } from 'svelte';

import { fetchCity } from './api/client.ts';
import { readStudioAddress } from './edit/address.ts';
import { language } from './i18n/language.svelte.ts';
import { desk } from './state/desk.svelte.ts';
import { session } from './state/session.svelte.ts';
import StudioApp from './studio/StudioApp.svelte';

language.start(readStudioAddress(location.search).lang);
void desk.city.load(fetchCity);
void session.look();

mount(StudioApp, { target: document.getElementById('app') as HTMLElement });
