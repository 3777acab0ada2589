/** Painter that uses WebGL2. Grey levels come from the table of the window, so that both painters agree. */

import { isPrepared } from "./painter";
import type { Painter, Picture } from "./painter";
import { applyTable } from "./windowlut";
import type { Size, View } from "./view";

const VERTEX = `#version 300 es
uniform vec4 rectangle;
out vec2 at;
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  at = corner;
  gl_Position = vec4(rectangle.xy + corner * rectangle.zw, 0.0, 1.0);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
uniform sampler2D greys;
in vec2 at;
out vec4 colour;
void main() {
  // The bias of -0.5 selects a sharper mipmap level.
  colour = vec4(vec3(texture(greys, at, -0.5).r), 1.0);
}`;

const BACKGROUND = 0x11 / 255;

/**
 * Return a painter, or null if WebGL2 is missing, rendered in software, or too small for an image whose longer
 * side is `largest` pixels. `onLost` is called when the browser loses the context; the painter is then unusable.
 */
export function createGlPainter(largest: number, onLost: () => void): Painter | null {
  const canvas = document.createElement("canvas");
  const gl = canvas.getContext("webgl2", {
    alpha: false,
    antialias: false,
    depth: false,
    // Software rendering of a whole image per frame is slower than the 2D canvas.
    failIfMajorPerformanceCaveat: true,
  });
  // Some browsers render in software although a performance caveat was to be refused.
  if (gl === null || isSoftware(gl)) return null;
  if ((gl.getParameter(gl.MAX_TEXTURE_SIZE) as number) < largest) return null;
  canvas.addEventListener("webglcontextlost", onLost, { once: true });
  return new GlPainter(canvas, gl);
}

function isSoftware(gl: WebGL2RenderingContext): boolean {
  // Firefox reports the renderer without the extension, which it has deprecated.
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  const name = gl.getParameter(info === null ? gl.RENDERER : info.UNMASKED_RENDERER_WEBGL) as string;
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(name);
}

class GlPainter implements Painter {
  readonly kind = "webgl2";
  private readonly program: WebGLProgram | null;
  private texture: WebGLTexture;
  private spare: WebGLTexture;
  private prepared: { readonly picture: Picture; readonly table: Uint8Array } | null = null;
  private picture: Picture | null = null;
  private table: Uint8Array | null = null;
  private greys = new Uint8Array(0);
  private screen: Size = { width: 1, height: 1 };

  constructor(
    readonly canvas: HTMLCanvasElement,
    private readonly gl: WebGL2RenderingContext,
  ) {
    this.program = linkProgram(gl);
    this.texture = createTexture(gl);
    this.spare = createTexture(gl);
  }

  setPicture(picture: Picture | null, table: Uint8Array | null): void {
    this.picture = picture;
    this.table = table;
    if (picture === null) return;
    if (isPrepared(this.prepared, picture, table)) {
      [this.texture, this.spare] = [this.spare, this.texture];
      this.prepared = null;
    } else {
      this.update();
    }
  }

  prepare(picture: Picture, table: Uint8Array): void {
    if (isPrepared(this.prepared, picture, table)) return;
    this.upload(this.spare, picture, table);
    this.prepared = { picture, table };
  }

  setTable(table: Uint8Array): void {
    this.table = table;
    this.update();
  }

  resize(screen: Size, pixelRatio: number): void {
    this.screen = screen;
    this.canvas.width = Math.max(1, Math.round(screen.width * pixelRatio));
    this.canvas.height = Math.max(1, Math.round(screen.height * pixelRatio));
  }

  draw(view: View): void {
    const { gl, picture, program, screen } = this;
    if (gl.isContextLost() || program === null) return;
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.clearColor(BACKGROUND, BACKGROUND, BACKGROUND, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (picture === null || this.table === null) return;
    const width = (2 * picture.raster.width * view.scale) / screen.width;
    const height = (2 * picture.raster.height * picture.raster.aspect * view.scale) / screen.height;
    const left = (2 * view.x) / screen.width - 1;
    const top = 1 - (2 * view.y) / screen.height;
    gl.useProgram(program);
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    // Negative height: image rows run downwards, WebGL's y axis upwards.
    gl.uniform4f(gl.getUniformLocation(program, "rectangle"), left, top, width, -height);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  dispose(): void {
    this.gl.deleteTexture(this.texture);
    this.gl.deleteTexture(this.spare);
    this.gl.deleteProgram(this.program);
  }

  private update(): void {
    if (this.picture !== null && this.table !== null) this.upload(this.texture, this.picture, this.table);
  }

  private upload(texture: WebGLTexture, picture: Picture, table: Uint8Array): void {
    const { gl } = this;
    if (gl.isContextLost()) return;
    if (this.greys.length !== picture.values.length) this.greys = new Uint8Array(picture.values.length);
    applyTable(picture.values, table, this.greys);
    const { width, height } = picture.raster;
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8, width, height, 0, gl.RED, gl.UNSIGNED_BYTE, this.greys);
    // Without mipmaps, an image that is shown smaller would flicker and lose thin structures.
    gl.generateMipmap(gl.TEXTURE_2D);
  }
}

function createTexture(gl: WebGL2RenderingContext): WebGLTexture {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR_MIPMAP_LINEAR);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  // Rows have any width, while WebGL expects multiples of 4 bytes by default.
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  return texture;
}

function linkProgram(gl: WebGL2RenderingContext): WebGLProgram | null {
  const program = gl.createProgram();
  for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]] as const) {
    const shader = gl.createShader(kind);
    if (shader === null) return null;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  return (gl.getProgramParameter(program, gl.LINK_STATUS) as boolean) ? program : null;
}
