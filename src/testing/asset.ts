/** A stub for images and style sheets, which Node cannot import. */
export default 'asset';
