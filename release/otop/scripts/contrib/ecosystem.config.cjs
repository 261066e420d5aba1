// pm2 start ecosystem.config.cjs
module.exports = {
  apps: [
    {
      name: 'otop-serve',
      script: 'otop',
      args: 'serve',
      interpreter: 'none',
      max_restarts: 10,
      min_uptime: '5s',
      kill_timeout: 3000,
      // Forked sessions keep running when pm2 restarts otop.
      treekill: false,
    },
  ],
};
