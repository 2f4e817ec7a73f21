-- When a device that nobody knew was taken up again from a grant that this server had issued on it, before it was restored from a backup. Gone once it enrols.
alter table devices add column taken_up_at timestamptz;
