"""Stand-ins for the partners: CPAS systems, Le Forem's system, their SFTP server and the ground truth.

They are written from the partner page (docs/partners/exchange.md) and share no code with the hub: own CSV,
own file names, own NISS check, own opening of sealed columns. What they hold can therefore judge the hub.
"""
