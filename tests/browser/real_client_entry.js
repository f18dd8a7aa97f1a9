// The start of the CDN's script, for the versions whose npm package leaves it out: it creates the
// client that the loader describes, and runs the commands that waited for it.
import { AwsRum } from '@PACKAGE@';

const COMMANDS = [
    'addSessionAttributes', 'allowCookies', 'disable', 'dispatch', 'dispatchBeacon', 'enable',
    'recordError', 'recordEvent', 'recordPageView', 'registerDomEvents', 'setAwsCredentials'
];
const loader = window.AwsRumClient;

async function push(client, { c, p }) {
    if (!COMMANDS.includes(c)) {
        throw new Error(`CWR: UnsupportedOperationException: ${c}`);
    }
    return c === 'recordEvent' ? client.recordEvent(p.type, p.data) : client[c](p);
}

async function init() {
    loader.c = loader.c || {};
    loader.c.client = 'arw-script';
    const client = new AwsRum(loader.i, loader.v, loader.r, loader.c);
    window[loader.n] = (c, p) => { push(client, { c, p }); };
    loader.q.forEach((command) => { push(client, command); });
    loader.q = [];
}

init();
