/** Stands in for images and style sheets, which Node cannot read. */
export default 'asset';
