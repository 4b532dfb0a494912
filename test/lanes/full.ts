// Read before anything asks which lane it is.
process.env['GWC_LANE'] = 'full'
