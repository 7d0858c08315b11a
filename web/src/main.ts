import './styles/fonts.css';
import './styles/tokens.css';
import './styles/base.css';

import { mount } from 'svelte';

import App from './App.svelte';
import { language } from './i18n/language.svelte.ts';
import { readAddress } from './state/address.ts';
import { desk } from './state/desk.svelte.ts';

const address = readAddress(location.search);
language.start(address.lang);
desk.open(address);

mount(App, { target: document.getElementById('app') as HTMLElement });
