// Bundles applications as their developers would. The argument names a JSON file with a list of
// {entry, out, bundler, define}; each is built for production and minified.
import fs from 'node:fs';
import path from 'node:path';
import commonjs from '@rollup/plugin-commonjs';
import json from '@rollup/plugin-json';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import esbuild from 'esbuild';
import { rollup } from 'rollup';
import * as vite from 'vite';
import webpack from 'webpack';

const replace = (define) => ({
    name: 'define',
    transform: (code) =>
        Object.entries(define).reduce((text, [key, value]) => text.replaceAll(key, value), code)
});

const BUNDLERS = {
    async esbuild({ entry, out, define }) {
        await esbuild.build({
            entryPoints: [entry], outdir: out, bundle: true, minify: true, splitting: true,
            format: 'esm', target: 'es2018', platform: 'browser', define, external: ['buffer'],
            loader: { '.ttf': 'empty' }, logLevel: 'error'
        });
    },
    async rollup({ entry, out, define }) {
        const plugins = [
            replace({ ...define, 'process.env.NODE_ENV': '"production"' }),
            nodeResolve({ browser: true, preferBuiltins: false }), commonjs(), json(), terser()
        ];
        const made = await rollup({ input: entry, external: ['buffer'], onwarn() {}, plugins });
        await made.write({ dir: out, format: 'es' });
        await made.close();
    },
    async webpack({ entry, out, define, whole }) {
        const config = {
            mode: 'production', entry, devtool: false, performance: { hints: false },
            output: { path: out, filename: '[name].js', chunkFilename: '[name].js' },
            plugins: [new webpack.DefinePlugin(define)],
            optimization: whole ? {} : { splitChunks: { chunks: 'all' } }
        };
        await new Promise((done, fail) => webpack(config, (error, stats) => {
            const wrong = error ?? (stats.hasErrors() && new Error(stats.toString('errors-only')));
            return wrong ? fail(wrong) : done();
        }));
    },
    async vite({ entry, out, define, whole }) {
        const vendor = (id) => (id.includes('node_modules') ? 'vendor' : undefined);
        await vite.build({
            configFile: false, root: path.dirname(entry), logLevel: 'error', define,
            build: {
                outDir: out, modulePreload: { polyfill: false },
                rollupOptions: { input: entry, output: whole ? {} : { manualChunks: vendor } }
            }
        });
    }
};

for (const build of JSON.parse(fs.readFileSync(process.argv[2], 'utf8'))) {
    try {
        await BUNDLERS[build.bundler](build);
    } catch (error) {
        console.error(`error: ${build.out}: ${String(error).replaceAll('\n', ' ')}`);
        process.exit(1);
    }
}
